"""The outbox: an event leaves when the transaction that wrote it has committed.

https://microservices.io/patterns/data/transactional-outbox.html
"""

from django.db import connection, transaction
from django.db.models import Max, Model
from django.db.transaction import TransactionManagementError

from core.events.event import Event
from core.events.models import OutboxEvent
from core.events.subscriptions import subscribers_of
from core.events.tasks import outbox_publish


def publish(event: Event, *, aggregate: Model | None = None) -> None:
    """Write an event into the open transaction: with what it tells of, or not at all.

    Args:
        event: what happened.
        aggregate: the stored row that it is about. Each subscriber gets the events of one row in
            the order of their transactions, for which the row is locked until this one ends.
            Without it the event is in no order.

    Raises:
        TransactionManagementError: outside of a transaction, where the event could tell of what
            was never written.
        TypeError: when a field is not of its type.
        ValueError: when ``aggregate`` is not stored.
    """
    if not connection.in_atomic_block:
        raise TransactionManagementError(
            f"The event {event.event_name!r} needs a transaction: publish it in the "
            "@transaction.atomic service that makes it true."
        )
    stored = OutboxEvent(
        name=event.event_name,
        version=event.event_version,
        payload=event.payload(),
        subscribers=subscribers_of(event.event_name),
    )
    if aggregate is not None:
        stored.aggregate = f"{aggregate._meta.label_lower}:{aggregate.pk}"
        stored.sequence = _next_sequence(aggregate, stored.aggregate)
    stored.save(force_insert=True)
    # One nudge for all events of a transaction.
    if not any(hook[1] is nudge for hook in connection.run_on_commit):
        # A broker that is away must not fail a request whose work is done: beat relays it later.
        transaction.on_commit(nudge, robust=True)


def nudge() -> None:
    """Let a worker relay at once instead of when beat next asks."""
    outbox_publish.apply_async(retry=False)


def _next_sequence(aggregate: Model, name: str) -> int:
    """Return the number of the aggregate's next event; nobody else gets it before this commits."""
    rows = type(aggregate)._base_manager.select_for_update(  # noqa: SLF001 (documented by Django)
        no_key=connection.features.has_select_for_no_key_update
    )
    if not list(rows.filter(pk=aggregate.pk).values_list("pk")):
        raise ValueError(f"{name} is not stored, so it can have no events.")
    last = OutboxEvent.objects.filter(aggregate=name).aggregate(last=Max("sequence"))["last"]
    return (last or 0) + 1
