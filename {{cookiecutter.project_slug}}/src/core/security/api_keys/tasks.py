"""What beat starts."""

from celery import shared_task

from core.jobs.queues import Queue
from core.security.api_keys import services


@shared_task(queue=Queue.BULK)
def api_keys_purge() -> None:
    """Delete the keys that ended long ago."""
    services.api_keys_purge()
