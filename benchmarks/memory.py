"""What a worker's process keeps in memory after 2,000 and after 20,000 tasks, ours beside a bare one.

Each has one process, which is never replaced. Its tasks query the database; one of ten does an
effect once, and one of ten publishes an event, which the same worker relays and handles. The bare
worker is another project, Django and Celery alone: its tasks make the same query and write a row
of their own where ours does either.
"""

import contextlib
from concurrent.futures import ThreadPoolExecutor

from benchmarks.size import Size
from benchmarks.stage import Stage, children, proportional_set_kilobytes
from benchmarks.table import Line, at_most

BUDGET = 1.05
MODULES = {"service": "benchmarks.inside.chores", "bare": "benchmarks.bare.celery"}


def measure(stage: Stage, size: Size) -> list[Line]:
    """Return what was done, the megabytes of a process at both times, and by how much they grew."""
    first, last = size.worked
    stage.forget_messages()
    megabytes: dict[str, list[float]] = {side: [] for side in MODULES}
    with contextlib.ExitStack() as ends:
        workers = {
            side: ends.enter_context(stage.worker(module, side=side))
            for side, module in MODULES.items()
        }
        pool = ends.enter_context(ThreadPoolExecutor())
        for count in (first, last - first):
            # Both at once: nothing here is timed.
            done = [
                pool.submit(stage.run, "benchmarks.inside.work", {"side": side, "tasks": count})
                for side in MODULES
            ]
            counts, _ = (each.result() for each in done)
            for side in MODULES:
                [child] = children(workers[side])
                megabytes[side].append(proportional_set_kilobytes(child) / 1024)
    growth = {side: after / before for side, (before, after) in megabytes.items()}
    texts = [f"{before:.1f} / {after:.1f}" for before, after in megabytes.values()]
    return [
        Line(
            f"effects done / events handled by {last:,} tasks",
            f"{counts['effects']:,} / {counts['events']:,}",
        ),
        Line(f"memory after {first:,} / {last:,} tasks, MB", *texts),
        at_most(
            "growth of the memory",
            *(f"{ratio:.3f}" for ratio in growth.values()),
            growth["service"],
            BUDGET,
        ),
    ]
