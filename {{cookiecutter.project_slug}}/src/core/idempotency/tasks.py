"""What beat starts."""

from celery import shared_task

from core.idempotency import store
from core.jobs.queues import Queue


@shared_task(queue=Queue.BULK)
def idempotency_purge() -> None:
    """Delete the keys that have expired."""
    store.purge()
