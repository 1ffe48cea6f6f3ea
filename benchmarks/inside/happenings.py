"""An event of the service that nobody does anything about, and the least that an outbox and an inbox take.

The bare ones read and write the service's tables in plain SQL, and send tasks of Celery's own base.
They give the same: an event leaves after its commit, and counts as handled once. They lack order,
further subscribers, sending again, and who acts.
"""

from celery import Task, shared_task
from core.events.event import Event
from core.events.models import OutboxEvent
from core.events.relay import BATCH_SIZE
from core.events.subscriptions import subscribe
from core.jobs.queues import Queue
from core.records.keys import uuid7
from django.db import connection, transaction


class Happened(Event, name="benchmark.happened"):
    number: int


@subscribe(Happened)
def hear(event: Happened) -> None:
    """Do nothing."""


def forget_others() -> None:
    """Delete the events that other measurements have left, which workers would handle, too."""
    OutboxEvent.objects.exclude(name=Happened.event_name).delete()


def bare_relay_batch() -> int:
    """Send what is due, a message for each event; return how many there were."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM events_outboxevent WHERE due_at <= now() ORDER BY due_at, id LIMIT %s "
            "FOR NO KEY UPDATE SKIP LOCKED",
            [BATCH_SIZE],
        )
        keys = [key for (key,) in cursor.fetchall()]
        for key in keys:
            bare_handle.delay(str(key))
        cursor.execute(
            "UPDATE events_outboxevent SET published_at = now(), due_at = NULL WHERE id = ANY(%s)",
            [keys],
        )
    return len(keys)


@shared_task(base=Task, queue=Queue.DEFAULT)
def bare_publish() -> None:
    """Send all that is due."""
    while bare_relay_batch() == BATCH_SIZE:
        pass


@shared_task(base=Task, queue=Queue.DEFAULT)
def bare_handle(key: str) -> None:
    """Note that the event is handled, unless that is noted."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO events_inboxentry (id, created_at, updated_at, event_id, subscriber, handled_at, "
            "is_skipped, attempts, error) VALUES (%s, now(), now(), %s, 'bare', now(), false, 0, '') "
            "ON CONFLICT DO NOTHING",
            [uuid7(), key],
        )
        if cursor.rowcount:
            cursor.execute(
                "UPDATE events_outboxevent SET handled_at = clock_timestamp() WHERE id = %s", [key]
            )
