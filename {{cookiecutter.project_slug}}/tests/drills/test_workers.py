"""Workers are killed and stopped while they work."""

import random
import time
from functools import partial

from tests.drills.conftest import OPERATIONS, Effects, Fleet
from tests.drills.table import Table
from tests.drills.tasks import leave_effect
from tests.e2e.processes import wait_for

TASKS = OPERATIONS
KILLS = 12
STOPS = 4
WORKERS = 3
RECOVERY_SECONDS = 180.0


def test_workers_are_killed(fleet: Fleet, effects: Effects, table: Table) -> None:
    """At random moments: with all its processes, alone, or only what runs its tasks."""
    chance = random.Random()  # noqa: S311 (no secret)
    workers = [fleet.worker() for _ in range(WORKERS)]
    for number in range(TASKS):
        leave_effect.delay(number)

    for moment in sorted(chance.sample(range(TASKS * 9 // 10), KILLS)):
        wait_for(partial(has_grown, effects, moment), "tasks running", seconds=RECOVERY_SECONDS)
        at = chance.randrange(WORKERS)
        began = time.monotonic()
        match chance.choice(("all", "parent", "children")):
            case "all":
                workers[at].kill()
                workers[at] = fleet.worker()
            case "parent":
                workers[at].kill_alone()
                workers[at] = fleet.worker()
            case _:
                workers[at].kill_children()
    settle(effects, TASKS)

    table.add(effects.drill(f"{KILLS} x kill -9 of a worker", tasks=TASKS, began=began))


def test_workers_are_stopped(fleet: Fleet, effects: Effects, table: Table) -> None:
    """As a deployment does: none may end with an error, and none may log one."""
    worker = fleet.worker()

    for stop in range(STOPS):
        following = fleet.worker()
        before = len(effects.counted())
        for number in range(TASKS * stop // STOPS, TASKS * (stop + 1) // STOPS):
            leave_effect.delay(number)
        wait_for(partial(has_grown, effects, before), "tasks running")
        worker.stop()
        worker = following
    began = time.monotonic()
    settle(effects, TASKS)

    assert "ERROR" not in fleet.output
    table.add(effects.drill(f"{STOPS} x SIGTERM of a worker", tasks=TASKS, began=began))


def has_grown(effects: Effects, before: int) -> bool:
    return len(effects.counted()) > before


def settle(effects: Effects, tasks: int) -> None:
    """Wait until there is an effect of each task, or no time is left."""
    deadline = time.monotonic() + RECOVERY_SECONDS
    while len(effects.counted()) < tasks and time.monotonic() < deadline:
        time.sleep(0.2)
