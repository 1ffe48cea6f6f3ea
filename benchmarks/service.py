"""What a request, a page, a bulk and a task of the service cost, beside what they are compared to.

``python -m benchmarks.service`` bakes, starts gunicorn on PostgreSQL, and prints a table. Whatever
else the machine does falls on both sides, which take turns: the ratios count, each the median of
those of the rounds. Needs Linux, uv, redis-server, and PostgreSQL where ``tools.servers`` looks for it.
"""

import argparse
import os
import platform
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace

from benchmarks import bulk, endpoints, events, memory, pages, tasks
from benchmarks.load import LoadError
from benchmarks.size import TINY, Size
from benchmarks.stage import THREADS, Stage, StageError, stage
from benchmarks.table import Line, table

PARTS: dict[str, Callable[[Stage, Size], list[Line]]] = {
    "requests": endpoints.measure,
    "pages": pages.measure,
    "bulk": bulk.measure,
    "tasks": tasks.measure,
    "events": events.measure,
    "memory": memory.measure,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures; return 1 if they could not be measured, whatever they are."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", metavar="part", help=f"of {', '.join(PARTS)}; else all")
    parser.add_argument("--seconds", type=float, help=f"of a round (default: {Size.seconds})")
    parser.add_argument("--rounds", type=int, help=f"of each side (default: {Size.rounds})")
    parser.add_argument("--events", type=int, help=f"queued (default: {Size.events:,})")
    parser.add_argument("--tiny", action="store_true", help="only to see that all of it works")
    given = parser.parse_args(arguments)
    unknown = [part for part in given.parts if part not in PARTS]
    if unknown:
        parser.error(f"there is no part {unknown[0]!r}: choose from {', '.join(PARTS)}")
    size = TINY if given.tiny else Size()
    chosen = {name: getattr(given, name) for name in ("seconds", "rounds", "events")}
    size = replace(size, **{name: value for name, value in chosen.items() if value is not None})
    lines: list[Line] = []
    try:
        with stage() as prepared:
            for part in given.parts or PARTS:
                print(f"measuring {part}", file=sys.stderr, flush=True)
                lines += PARTS[part](prepared, size)
    except (StageError, LoadError) as problem:
        print(f"benchmark failed: {problem}", file=sys.stderr)
        return 1
    print(
        f"{os.cpu_count()} cores, Python {platform.python_version()}; gunicorn with {size.workers} workers "
        f"of {THREADS} threads, {size.clients} clients; {size.rounds} rounds of {size.seconds} s"
    )
    print(table(lines))
    return 0


if __name__ == "__main__":
    # As Ctrl-C: what was started is stopped.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(main())
