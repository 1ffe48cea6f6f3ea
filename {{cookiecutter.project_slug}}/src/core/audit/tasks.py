"""What beat starts."""

from celery import shared_task

from core.audit import trail
from core.jobs.queues import Queue


@shared_task(queue=Queue.BULK)
def audit_purge() -> None:
    """Delete the entries that are too old."""
    trail.purge()
