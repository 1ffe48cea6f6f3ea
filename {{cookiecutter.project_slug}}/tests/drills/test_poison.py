"""Tasks that kill whoever runs them stand between others."""

import time

from django.conf import settings

from core.dead_letters.models import DeadLetter, Reason
from tests.drills.conftest import OPERATIONS, Effects, Fleet
from tests.drills.table import Table
from tests.drills.tasks import kill_its_process, leave_effect
from tests.e2e.processes import wait_for

POISONS = 3
# As long as others are at work, a poison takes them with it, which costs each a delivery too.
TASKS = OPERATIONS // 10
RECOVERY_SECONDS = 180.0


def test_poison_is_kept_and_blocks_nobody(fleet: Fleet, effects: Effects, table: Table) -> None:
    fleet.worker()
    sent = [kill_its_process.delay() for _ in range(POISONS)]
    for number in range(TASKS):
        leave_effect.delay(number)
    began = time.monotonic()
    letters = DeadLetter.objects.filter(task_id__in=[str(one.id) for one in sent])

    wait_for(
        lambda: letters.count() == POISONS and len(effects.counted()) == TASKS,
        "the letters, and the tasks behind them",
        seconds=RECOVERY_SECONDS,
    )

    assert {letter.reason for letter in letters} == {Reason.POISONED}
    assert max(letter.deliveries for letter in letters) <= settings.TASK_REDELIVERY_LIMIT + 2
    fault = f"{POISONS} tasks that kill who runs them"
    table.add(effects.drill(fault, tasks=TASKS, began=began))
