"""Sends rounds of tasks, of either kind in turn, on behalf of a user as a request does.

Takes the number of ``rounds`` and of ``tasks`` in each. Returns for each kind a list of rounds with
the seconds that ``send`` and ``run`` took for all tasks of the round.
"""

import json
import sys
import time
from typing import Any
from uuid import uuid4

from config.celery import app
from core.identity.actor import acting_as
from core.identity.origin import Origin, originating_from

from benchmarks.inside import tasks


def play(task: Any, count: int) -> dict[str, float]:
    """Send ``count`` tasks while the worker is held, then let it run them.

    Raises:
        TypeError: if the worker does not get to the end within ``tasks.WAIT_SECONDS``.
    """
    with tasks.channel() as redis_server:
        tasks.begin.delay()
        started = time.perf_counter()
        for number in range(count):
            task.delay(number)
        sent = time.perf_counter() - started
        tasks.end.delay()
        redis_server.rpush("go", "")
        begun, ended = (
            float(redis_server.blpop(["times"], tasks.WAIT_SECONDS)[1]) for _ in range(2)
        )
    return {"send": sent, "run": ended - begun}


def main() -> None:
    numbers = json.load(sys.stdin)

    app.set_default()
    kinds = {"ours": tasks.ours, "plain": tasks.plain}
    found: dict[str, list[dict[str, float]]] = {kind: [] for kind in kinds}
    with acting_as(uuid4()), originating_from(Origin(str(uuid4()), "127.0.0.1")):
        for number in range(numbers["rounds"]):
            for kind in kinds if number % 2 else reversed(kinds):
                found[kind].append(play(kinds[kind], numbers["tasks"]))
    print(json.dumps(found))


if __name__ == "__main__":
    main()
