"""The inbox: a subscriber handles an event once, however often it is told."""

import logging
from uuid import UUID

from django.db import transaction

from core.events.models import InboxEntry, OutboxEvent
from core.events.subscriptions import handler_of

logger = logging.getLogger(__name__)


@transaction.atomic
def handle(event_id: UUID, subscriber: str) -> None:
    """Run the handler called ``subscriber`` on an event, unless it has handled it already.

    What the handler writes and the entry that says so are one transaction.

    Raises:
        LookupError: when this process has no such handler.
        Exception: whatever the handler raises; then nothing was written.
    """
    event = OutboxEvent.objects.filter(pk=event_id).first()
    if event is None:
        logger.warning("Event %s is gone: it was purged before %s ran.", event_id, subscriber)
        return
    handler = handler_of(event.name, subscriber)
    # A second delivery at the same time waits here for the first one to end.
    _, is_new = InboxEntry.objects.get_or_create(event=event, subscriber=subscriber)
    if is_new:
        handler(event)
