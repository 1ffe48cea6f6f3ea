"""The outbox: an event leaves when the transaction that wrote it has committed.

https://microservices.io/patterns/data/transactional-outbox.html
"""

from collections.abc import Mapping
from typing import Any

from django.db import connection, transaction
from django.db.transaction import TransactionManagementError

from core.events.models import OutboxEvent
from core.events.tasks import outbox_publish


def publish(name: str, payload: Mapping[str, Any]) -> None:
    """Write an event into the open transaction: with what it tells of, or not at all.

    Args:
        name: what happened, as ``order.placed``; at most 100 characters.
        payload: what subscribers must know, in JSON's types, dates, decimals and UUIDs.

    Raises:
        TransactionManagementError: outside of a transaction, where the event could tell of what
            was never written.
        TypeError: when the payload holds what JSON cannot.
    """
    if not connection.in_atomic_block:
        raise TransactionManagementError(
            f"The event {name!r} needs a transaction: publish it in the @transaction.atomic "
            "service that makes it true."
        )
    OutboxEvent.objects.create(name=name, payload=dict(payload))
    # One nudge for all events of a transaction.
    if not any(hook[1] is nudge for hook in connection.run_on_commit):
        # A broker that is away must not fail a request whose work is done: beat relays it later.
        transaction.on_commit(nudge, robust=True)


def nudge() -> None:
    """Let a worker relay at once instead of when beat next asks."""
    outbox_publish.apply_async(retry=False)
