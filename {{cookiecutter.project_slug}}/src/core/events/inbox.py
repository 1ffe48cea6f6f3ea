"""The inbox: a subscriber handles an event once, and those of one aggregate in their order."""

import logging
import random
from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, QuerySet, Value
from django.utils import timezone

from core.database.texts import storable
from core.events.event import Envelope, load
from core.events.models import InboxEntry, OutboxEvent
from core.events.subscriptions import (
    Subscription,
    names_heard_by,
    subscribers_of,
    subscription_of,
)
from core.identity.actor import acting_as
from core.jobs.errors import EffectHeldError, PermanentError

logger = logging.getLogger(__name__)

# Seconds before the second try at most, doubled with each: full jitter, see
# https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
BACKOFF_SECONDS = 4
BACKOFF_MAX_SECONDS = 10 * 60
ERROR_LENGTH = 2_000


class GaveUpError(RuntimeError):
    """A handler has failed as often as it may, or with what no later try can help."""


def handle(event_id: UUID, subscriber: str) -> UUID | None:
    """Run the handler called ``subscriber`` on an event, unless it has handled it already.

    What the handler writes and the entry that says so are one transaction; one that is not
    ``atomic`` gets its entry when it has ended. While an earlier event of the same aggregate is open
    at this subscriber, nothing happens: whoever handles that one goes on with this one.

    When the handler fails, the entry tells so, and the relay sends the event again.

    Returns:
        The event to handle next: the following one of the same aggregate, that may have been here
        too early. ``None`` if there is none.

    Raises:
        GaveUpError: when the handler fails for the last time, ``EVENTS_MAX_ATTEMPTS``, or with a
            ``PermanentError``.
    """
    event = OutboxEvent.objects.filter(pk=event_id).first()
    if event is None:
        logger.warning("Event %s is gone: it was purged before %s ran.", event_id, subscriber)
        return None
    if event.handled_at:
        return None
    try:
        with acting_as(event.created_by_id):
            is_handled = _handle_once(event, subscription_of(event.name, subscriber), subscriber)
    except EffectHeldError as held:
        # Another delivery is at it, or was killed at it: the relay will ask.
        logger.info("%s leaves %s alone. %s", subscriber, event, held)
        return None
    except Exception as error:  # noqa: BLE001 (whatever a handler raises)
        _note_failure(event, subscriber, error)
        return None
    if not is_handled:
        return None
    note_progress(event)
    return _following(event, subscriber)


def give_up(event_id: UUID, subscriber: str, error: str) -> None:
    """Let a subscriber that has not handled an event try no more; to do so twice does no harm.

    For a handler that does not live to fail. It waits for one that still runs.
    """
    event = OutboxEvent.objects.filter(pk=event_id, handled_at=None).first()
    if event is not None:
        _write_failure(event, subscriber, error, is_last=True)


def is_waiting(event: OutboxEvent, subscriber: str) -> bool:
    """Tell whether an earlier event of the same aggregate is open at ``subscriber``."""
    if event.aggregate is None or event.sequence == 1:
        return False
    earlier = _open(subscriber).filter(aggregate=event.aggregate, sequence__lt=event.sequence)
    return earlier.exists()


def all_waiting(events: Iterable[OutboxEvent]) -> dict[UUID, set[str]]:
    """Return the keys of ``events`` that are waiting, each with the subscribers at which it is.

    That is one query for each subscriber, whatever the number of events.
    """
    asked: defaultdict[str, list[UUID]] = defaultdict(list)
    for event in events:
        if event.aggregate is not None and event.sequence != 1:
            for subscriber in subscribers_of(event.name):
                asked[subscriber].append(event.pk)
    found: defaultdict[UUID, set[str]] = defaultdict(set)
    for subscriber, keys in asked.items():
        earlier = _open(subscriber).filter(
            aggregate=OuterRef("aggregate"), sequence__lt=OuterRef("sequence")
        )
        waiting = OutboxEvent.objects.filter(Exists(earlier), pk__in=keys)
        for key in waiting.values_list("pk", flat=True):
            found[key].add(subscriber)
    return found


def awaited(event: OutboxEvent) -> list[str]:
    """Return all subscribers of an event: those of this release, and whom its publisher knew.

    In a rolling release the one who publishes may know a subscriber that this process does not.
    """
    return list(dict.fromkeys([*subscribers_of(event.name), *(event.subscribers or ())]))


def note_progress(event: OutboxEvent) -> None:
    """Mark an event as handled if all of its subscribers have handled it.

    Not in the transaction of the handler: two of them could not see each other's entries.
    """
    handled = InboxEntry.objects.filter(event=event, handled_at__isnull=False)
    if set(handled.values_list("subscriber", flat=True)).issuperset(awaited(event)):
        # By the key alone: with another condition, InnoDB takes locks by another index, and waits in
        # a circle with a relay.
        OutboxEvent.objects.filter(pk=event.pk).update(handled_at=timezone.now(), due_at=None)


@transaction.atomic
def skip(event: OutboxEvent) -> int:
    """Count an event as handled at each subscriber that has not handled it; return how many.

    Later events of the same aggregate that waited for it are due at once.
    """
    no_key = connection.features.has_select_for_no_key_update
    OutboxEvent.objects.select_for_update(no_key=no_key).get(pk=event.pk)
    entries = {
        entry.subscriber: entry
        for entry in InboxEntry.objects.select_for_update().filter(event=event)
    }
    skipped = 0
    for subscriber in awaited(event):
        entry = entries.get(subscriber) or InboxEntry(
            event=event, subscriber=subscriber, handled_at=None
        )
        if entry.handled_at:
            continue
        entry.handled_at, entry.is_skipped = timezone.now(), True
        entry.save()
        skipped += 1
    note_progress(event)
    if event.aggregate:
        waiting = OutboxEvent.objects.filter(aggregate=event.aggregate, handled_at=None)
        keys = list(waiting.values_list("pk", flat=True))
        OutboxEvent.objects.filter(pk__in=keys).update(due_at=timezone.now())
    return skipped


def _handle_once(event: OutboxEvent, subscription: Subscription, subscriber: str) -> bool:
    """Run the handler; return whether it is this call that has handled the event."""
    if subscription.atomic:
        with transaction.atomic():
            if is_waiting(event, subscriber) or not _enter(event, subscriber):
                return False
            _call(subscription, event)
            return True
    entries = InboxEntry.objects.filter(event=event, subscriber=subscriber)
    if is_waiting(event, subscriber) or entries.filter(handled_at__isnull=False).exists():
        return False
    _call(subscription, event)
    with transaction.atomic():
        return _enter(event, subscriber)


def _enter(event: OutboxEvent, subscriber: str) -> bool:
    """Write that ``subscriber`` has handled an event; return whether that is new."""
    # A second delivery at the same time waits here for the transaction of the first one to end.
    entry, is_new = InboxEntry.objects.select_for_update().get_or_create(
        event=event, subscriber=subscriber
    )
    if entry.handled_at and not is_new:
        return False
    if not is_new:
        entry.handled_at = timezone.now()
        entry.save(update_fields=["handled_at"])
    return True


def _call(subscription: Subscription, event: OutboxEvent) -> None:
    envelope = Envelope(id=event.pk, occurred_at=event.created_at, actor_id=event.created_by_id)
    subscription.handler(
        load(
            event.name,
            event.version,
            event.payload,
            envelope=envelope,
            wanted=subscription.event,
        )
    )


def _note_failure(event: OutboxEvent, subscriber: str, error: Exception) -> None:
    """Keep why a handler failed, and whether it is tried again."""
    is_permanent = isinstance(error, PermanentError)
    text = f"{type(error).__name__}: {error}"
    attempts = _write_failure(event, subscriber, text, is_last=is_permanent)
    if attempts >= settings.EVENTS_MAX_ATTEMPTS:
        how = "for good" if is_permanent else f"after {attempts} attempts"
        raise GaveUpError(f"{subscriber} gave up {event} {how}.") from error
    logger.warning("%s failed on %s, try %d.", subscriber, event, attempts, exc_info=error)


def _write_failure(event: OutboxEvent, subscriber: str, error: str, *, is_last: bool) -> int:
    """Write that a subscriber that has not handled an event failed, and when it is tried again.

    Single statements: in one transaction, two subscribers could wait for each other on MySQL.

    Returns:
        How often it has failed; ``EVENTS_MAX_ATTEMPTS`` if it ``is_last``.
    """
    InboxEntry.objects.get_or_create(
        event=event, subscriber=subscriber, defaults={"handled_at": None}
    )
    entries = InboxEntry.objects.filter(event=event, subscriber=subscriber)
    counted = Value(settings.EVENTS_MAX_ATTEMPTS) if is_last else F("attempts") + 1
    # A failure whose text the database refused, as PostgreSQL does a NUL, would never be counted.
    text = storable(error)[:ERROR_LENGTH]
    entries.filter(handled_at=None).update(attempts=counted, error=text)
    attempts = entries.values_list("attempts", flat=True).get()
    limit = min(BACKOFF_SECONDS * 2**attempts, BACKOFF_MAX_SECONDS)
    if attempts >= settings.EVENTS_MAX_ATTEMPTS:
        limit = 0  # The relay says at once that the event was given up.
    wait = timedelta(seconds=random.uniform(0, limit))  # noqa: S311 (no secret) # nosec B311
    OutboxEvent.objects.filter(pk=event.pk).update(due_at=timezone.now() + wait)
    return attempts


def _following(event: OutboxEvent, subscriber: str) -> UUID | None:
    """Return the next open event of the aggregate, unless the relay tries that one again."""
    if event.aggregate is None:
        return None
    later = _open(subscriber).filter(aggregate=event.aggregate, sequence__gt=event.sequence)
    following = later.order_by("sequence").values_list("pk", flat=True).first()
    if following and InboxEntry.objects.filter(event=following, subscriber=subscriber).exists():
        return None
    return following


def _open(subscriber: str) -> QuerySet[OutboxEvent]:
    """Return the events that ``subscriber`` is still to handle."""
    handled = InboxEntry.objects.filter(
        event=OuterRef("pk"), subscriber=subscriber, handled_at__isnull=False
    )
    return OutboxEvent.objects.filter(
        ~Exists(handled), name__in=names_heard_by(subscriber), handled_at=None
    )
