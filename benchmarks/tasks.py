"""A task of the service's base against a plain one of Celery, through Redis and a real worker.

Both do nothing, and are sent on behalf of a user. The worker has one process and the service's
settings. The worker is held while a round is sent, so that the two are timed apart.
"""

import statistics

from benchmarks.size import Size
from benchmarks.stage import Stage
from benchmarks.table import Line, at_most, median_ratio

BUDGET = 1.15


def measure(stage: Stage, size: Size) -> list[Line]:
    """Return microseconds for each task: to send it, to run it, and both."""
    stage.forget_messages()
    with stage.worker("benchmarks.inside.tasks"):
        # The first round is for warming up.
        found = stage.run(
            "benchmarks.inside.send", {"rounds": size.rounds + 1, "tasks": size.tasks}
        )
    for kind in found.values():
        del kind[0]
        for one in kind:
            one["send and run"] = one["send"] + one["run"]
    lines = []
    for what in ("send", "run", "send and run"):
        pairs = [[one[what] / size.tasks * 1e6 for one in found[kind]] for kind in found]
        ours, plain = (f"{statistics.median(values):,.0f}" for values in pairs)
        ratio = median_ratio(*pairs)
        lines.append(at_most(f"base task, {what}, µs", ours, plain, ratio, BUDGET))
    return lines
