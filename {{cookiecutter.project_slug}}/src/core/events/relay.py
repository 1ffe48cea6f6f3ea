"""From the outbox to the subscribers, at least once."""

import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from core.events.event import is_known
from core.events.inbox import all_waiting, awaited
from core.events.models import InboxEntry, OutboxEvent
from core.events.subscriptions import subscribers_of
from core.identity.actor import acting_as
from core.jobs.batches import delete_in_batches

logger = logging.getLogger(__name__)

BATCH_SIZE = 100
RETENTION = timedelta(days=30)
# How long the relay waits at most before it tells the subscribers of an event again.
RESEND_MAX_SECONDS = 60 * 60
# How often it does at most: for about two days.
SENDS_MAX = 50

Send = Callable[[UUID, str], None]


@dataclass(frozen=True)
class Outcome:
    """What becomes of an event in a batch: columns of its row."""

    attempts: int
    published_at: datetime | None
    handled_at: datetime | None
    due_at: datetime | None


def relay_batch(send: Send) -> int:
    """Tell the subscribers of the events that are due: new ones, and those that may be lost.

    Whether a message arrived, its sender cannot know: the broker may lose what it has taken. So an
    event is due again until the inbox has an entry of each subscriber, after longer and longer.

    What becomes of the events is committed before they are sent, so neither another relay nor a
    handler waits for the broker. Relays that run side by side take different events, where the
    database can skip locked rows. When ``send`` fails, what it has not sent is due at once, as it was
    before; when the relay is killed, as if the messages were lost.

    Args:
        send: called with an event's id and a subscriber's name, on behalf of who caused the event.

    Returns:
        How many events were looked at, at most ``BATCH_SIZE``.
    """
    events, told = _take_batch()
    sent = 0
    try:
        for event, subscriber in told:
            with acting_as(event.created_by_id):
                send(event.pk, subscriber)
            sent += 1
    except BaseException:
        _write({event.pk: _as_it_was(event) for event, _ in told[sent:]})
        raise
    return len(events)


@transaction.atomic
def _take_batch() -> tuple[list[OutboxEvent], list[tuple[OutboxEvent, str]]]:
    """Return the events that are due, as they were, and who is to be told of which."""
    can_skip = connection.features.has_select_for_update_skip_locked
    # NO KEY: an inbox entry may refer to an event while it is still locked here.
    no_key = connection.features.has_select_for_no_key_update
    events = list(
        OutboxEvent.objects.select_for_update(skip_locked=can_skip, no_key=no_key)
        .filter(due_at__lte=timezone.now())
        .order_by("due_at", "id")[:BATCH_SIZE]
    )
    entries: dict[UUID, list[InboxEntry]] = {event.pk: [] for event in events if event.published_at}
    if entries:
        for entry in InboxEntry.objects.filter(event__in=entries):
            entries[entry.event_id].append(entry)
    # A new one is sent in any case: that is cheaper than to ask.
    waiting = all_waiting(event for event in events if event.published_at)
    now = timezone.now()
    outcomes: dict[UUID, Outcome] = {}
    told: list[tuple[OutboxEvent, str]] = []
    for event in events:
        outcome, subscribers = _plan(
            event, entries.get(event.pk, []), waiting.get(event.pk, set()), now=now
        )
        outcomes[event.pk] = outcome
        told += [(event, subscriber) for subscriber in subscribers]
    _write(outcomes)
    return events, told


def _write(outcomes: dict[UUID, Outcome]) -> None:
    """Write what becomes of events: one statement for all that have the same in common."""
    alike: dict[Outcome, list[UUID]] = {}
    for key, outcome in outcomes.items():
        alike.setdefault(outcome, []).append(key)
    for outcome, keys in alike.items():
        OutboxEvent.objects.filter(pk__in=keys).update(**asdict(outcome))


def _as_it_was(event: OutboxEvent) -> Outcome:
    return Outcome(event.attempts, event.published_at, handled_at=None, due_at=event.due_at)


def purge() -> None:
    """Delete what was handled longer ago than ``RETENTION``, with its entries of the inbox."""
    delete_in_batches(OutboxEvent.objects.filter(handled_at__lt=timezone.now() - RETENTION))


def _plan(
    event: OutboxEvent, entries: list[InboxEntry], waiting: set[str], *, now: datetime
) -> tuple[Outcome, list[str]]:
    """Return what becomes of an event, and the subscribers to tell.

    Those are all that have not handled it, unless they gave up or it is ``waiting`` at them for its turn.
    One that only another release knows is left to that release, as an event is that it does not know.
    """
    stays = Outcome(event.attempts, event.published_at, handled_at=None, due_at=None)
    handled = {entry.subscriber for entry in entries if entry.handled_at}
    failed = {
        entry.subscriber for entry in entries if entry.attempts >= settings.EVENTS_MAX_ATTEMPTS
    }
    known = is_known(event.name, event.version)
    missing = [name for name in awaited(event) if name not in handled]
    if known and not missing:
        return replace(stays, published_at=event.published_at or now, handled_at=now), []
    if event.attempts >= SENDS_MAX or (missing and failed.issuperset(missing)):
        logger.error("%s was given up: %s", event, ", ".join(missing) or "unknown here")
        return stays, []
    wait = min(settings.EVENTS_RESEND_SECONDS * 2**event.attempts, RESEND_MAX_SECONDS)
    stays = replace(stays, due_at=now + timedelta(seconds=wait))
    if not known:
        logger.warning("%s stays: this release knows no version %d of it.", event, event.version)
        return replace(stays, attempts=event.attempts + 1), []
    attempts = event.attempts + 1
    own = set(subscribers_of(event.name))
    ready = [name for name in missing if name in own and name not in failed | waiting]
    if not ready:
        # Counted where it is no turn that it waits for: a subscriber may be gone for good.
        return stays if waiting.intersection(missing) else replace(stays, attempts=attempts), []
    return replace(stays, attempts=attempts, published_at=event.published_at or now), ready
