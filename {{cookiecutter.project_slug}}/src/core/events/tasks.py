"""What beat and the outbox start."""

from typing import Any
from uuid import UUID

from celery import shared_task
from celery.exceptions import TimeLimitExceeded

from core.dead_letters.letters import PoisonedError
from core.events import inbox, relay
from core.jobs.queues import Queue
from core.jobs.tasks import BaseTask

# How many events of one aggregate a task handles in a row, before others have their turn.
IN_A_ROW = 20


@shared_task(base=BaseTask, queue=Queue.DEFAULT, autoretry_for=(), leaves_dead_letter=False)
def outbox_publish() -> None:
    """Relay what is due in the outbox. Beat asks often, so a failure needs no retry of its own."""
    while relay.relay_batch(send_to_worker) == relay.BATCH_SIZE:
        pass


class HandlingTask(BaseTask):
    """Gives an event up at a subscriber that ends who runs it: the relay would go on sending it.

    What a handler raises is counted by the inbox; any other error says nothing of the handler.
    """

    abstract = True

    def on_given_up(self, error: BaseException, *, task_id: str, args: Any) -> None:  # noqa: ARG002 (of the base)
        event_id, subscriber = args
        if isinstance(error, PoisonedError):
            inbox.give_up(UUID(event_id), subscriber, f"PoisonedError: {error}")
        elif isinstance(error, TimeLimitExceeded):
            inbox.give_up(UUID(event_id), subscriber, str(error))


@shared_task(base=HandlingTask, queue=Queue.DEFAULT, autoretry_for=(), leaves_dead_letter=False)
def event_handle(event_id: str, subscriber: str) -> None:
    """Let a subscriber handle an event, and those of the same aggregate that wait for it.

    The relay sends it again when it fails or is lost, so it needs no retry of its own, and the
    outbox keeps what is given up.
    """
    following: UUID | None = UUID(event_id)
    for _ in range(IN_A_ROW):
        if following is None:
            return
        following = inbox.handle(following, subscriber)
    if following:
        send_to_worker(following, subscriber)


@shared_task(queue=Queue.BULK)
def outbox_purge() -> None:
    """Delete the events that were handled long ago."""
    relay.purge()


def send_to_worker(event_id: UUID, subscriber: str) -> None:
    event_handle.delay(str(event_id), subscriber)
