"""What beat and the outbox start."""

from uuid import UUID

from celery import shared_task

from core.events import inbox, relay
from core.jobs.queues import Queue


@shared_task(queue=Queue.DEFAULT, autoretry_for=())
def outbox_publish() -> None:
    """Relay what waits in the outbox. Beat asks often, so a failure needs no retry of its own."""
    while relay.relay_batch(send_to_worker) == relay.BATCH_SIZE:
        pass


@shared_task(queue=Queue.DEFAULT, autoretry_for=(Exception,), max_retries=10)
def event_handle(event_id: str, subscriber: str) -> None:
    """Let a subscriber handle an event; on any error try again, ten times within half an hour."""
    inbox.handle(UUID(event_id), subscriber)


@shared_task(queue=Queue.BULK)
def outbox_purge() -> None:
    """Delete the events that were published long ago."""
    relay.purge()


def send_to_worker(event_id: UUID, subscriber: str) -> None:
    event_handle.delay(str(event_id), subscriber)
