"""What beat starts, and a worker that has handed a letter to the broker."""

from celery import shared_task

from core.dead_letters import services
from core.jobs.queues import Queue
from core.jobs.tasks import BaseTask


@shared_task(base=BaseTask, queue=Queue.DEFAULT, autoretry_for=(), leaves_dead_letter=False)
def dead_letters_drain() -> None:
    """Keep the letters that wait in the broker. Beat asks often, so a failure needs no retry."""
    services.dead_letters_drain()


@shared_task(queue=Queue.BULK)
def dead_letters_purge() -> None:
    """Delete the letters that are too old."""
    services.dead_letters_purge()
