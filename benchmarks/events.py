"""The outbox and the inbox, with 10,000 events queued, against the least that does the same.

First the relays alone, without workers: from rows to messages. Then a worker as the service runs
it, from the start of the relay until each event counts as handled; then at a steady rate. The bare side
reads and writes the same rows in plain SQL and sends a plain task for each event, see
``benchmarks.inside.happenings``.
"""

import statistics
from typing import Any

from benchmarks.size import Size
from benchmarks.stage import Stage
from benchmarks.table import Line, median_ratio, percentile

# As in docker-compose.yml of the service.
WORKER = ("--concurrency", "2", "--prefetch-multiplier", "4")
MODULES = "benchmarks.inside.tasks,benchmarks.inside.happenings"
SIDES = ("service", "bare")
# Of rows that have events.
AGGREGATES = 100
# Each relays its part of what is queued.
ROUNDS = 5


def measure(stage: Stage, size: Size) -> list[Line]:
    """Return events/s and lags in seconds."""
    queue = {
        "events": size.events,
        "aggregates": min(AGGREGATES, size.events // 4),
        "rounds": min(size.rounds, ROUNDS),
    }
    stage.forget_messages()
    queued = stage.run("benchmarks.inside.queue", queue)
    stage.forget_messages()
    with stage.worker(MODULES, *WORKER):
        found = stage.run(
            "benchmarks.inside.drain",
            {"published": size.published, "seconds": size.steady_seconds},
        )
    service, bare = (found[side] for side in SIDES)
    sides = [queued["relayed"][side] for side in SIDES]
    rates = [[1 / each["wall"] for each in side] for side in sides]
    cpu = [[each["cpu"] * 1e6 for each in side] for side in sides]
    drained = [size.events / side["seconds"] for side in (service, bare)]
    return [
        Line("events relayed/s", *medians(rates), median_ratio(*rates)),
        Line("CPU of the relay, µs/event", *medians(cpu), median_ratio(*cpu)),
        Line("event handled, queries", *(str(queued["queries"][side]) for side in SIDES)),
        Line(
            f"{size.events:,} queued, handled/s",
            *(f"{rate:,.0f}" for rate in drained),
            drained[0] / drained[1],
        ),
        *lag_lines(f"{size.events:,} queued", service, bare, "lags"),
        Line(
            f"{size.events:,} queued, handled out of order",
            str(service["out_of_order"]),
            str(bare["out_of_order"]),
            budget="none",
            is_met=service["out_of_order"] == 0,
        ),
        *lag_lines(f"{size.published:g} events/s", service, bare, "steady_lags"),
    ]


def medians(sides: list[list[float]]) -> list[str]:
    return [f"{statistics.median(values):,.0f}" for values in sides]


def lag_lines(what: str, service: dict[str, Any], bare: dict[str, Any], key: str) -> list[Line]:
    lines = []
    for percent in (50, 95):
        lags = [percentile(side[key], percent) for side in (service, bare)]
        texts = [f"{lag:.3f}" for lag in lags]
        lines.append(Line(f"{what}, lag p{percent}, s", *texts, lags[0] / lags[1]))
    return lines
