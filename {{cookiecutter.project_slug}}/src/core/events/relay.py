"""From the outbox to the subscribers, at least once."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from core.events.models import OutboxEvent
from core.events.subscriptions import subscribers_of
from core.identity.actor import acting_as

BATCH_SIZE = 100
RETENTION = timedelta(days=30)
PURGE_BATCH_SIZE = 1_000


@transaction.atomic
def relay_batch(send: Callable[[UUID, str], None]) -> int:
    """Tell the subscribers of the oldest events that nobody was told of yet.

    Relays that run side by side take different events, where the database can skip locked rows.
    When ``send`` fails, the whole batch is sent again later, which the inbox puts right.

    Args:
        send: called with an event's id and a subscriber's name, on behalf of who caused the event.

    Returns:
        How many events were relayed, at most ``BATCH_SIZE``.
    """
    can_skip = connection.features.has_select_for_update_skip_locked
    # NO KEY: an inbox entry may refer to an event while it is still locked here.
    no_key = connection.features.has_select_for_no_key_update
    events = list(
        OutboxEvent.objects.select_for_update(skip_locked=can_skip, no_key=no_key)
        .filter(published_at=None)
        .order_by("published_at", "id")[:BATCH_SIZE]
    )
    for event in events:
        with acting_as(event.created_by_id):
            for subscriber in subscribers_of(event.name):
                send(event.pk, subscriber)
    relayed = OutboxEvent.objects.filter(pk__in=[event.pk for event in events])
    relayed.update(published_at=timezone.now())
    return len(events)


def purge() -> None:
    """Delete what was published longer ago than ``RETENTION``, with its entries of the inbox."""
    expired = OutboxEvent.objects.filter(published_at__lt=timezone.now() - RETENTION)
    while keys := list(expired.values_list("pk", flat=True)[:PURGE_BATCH_SIZE]):
        OutboxEvent.objects.filter(pk__in=keys).delete()
