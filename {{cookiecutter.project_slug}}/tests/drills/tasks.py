"""Tasks with an effect that can be counted, for ``celery worker --include tests.drills.tasks``."""

import os
import signal
import time

from celery import shared_task
from django.db import IntegrityError, connection, transaction

from core.jobs.queues import Queue

# So that most kills hit a task in the middle.
TASK_SECONDS = 0.1


@shared_task(queue=Queue.DEFAULT)
def leave_effect(number: int) -> None:
    """Write ``number`` into the table of effects, unless that is done.

    What says so is written in the same transaction, as every task should do it.
    """
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("INSERT INTO drill_done (number) VALUES (%s)", [number])
            cursor.execute("INSERT INTO drill_effects (number) VALUES (%s)", [number])
            time.sleep(TASK_SECONDS)
    except IntegrityError:
        return


@shared_task(queue=Queue.DEFAULT)
def kill_its_process() -> None:
    """Poison: whoever runs it is killed."""
    os.kill(os.getpid(), signal.SIGKILL)
