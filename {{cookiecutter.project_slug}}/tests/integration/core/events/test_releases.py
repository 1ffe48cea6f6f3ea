"""Two releases at once, of which one knows a subscriber that the other does not."""

import logging

import pytest
from django.utils import timezone

from core.events import inbox, relay, subscriptions
from core.events.models import InboxEntry, OutboxEvent
from core.events.outbox import publish
from core.events.tasks import outbox_publish
from tests.integration.core.events.conftest import Subscriber, make_event, make_row
from tests.integration.core.events.things import ThingHappened

pytestmark = pytest.mark.django_db

OTHERS = "apps.orders.events.of_tomorrow"


@pytest.fixture
def known(subscriber: Subscriber) -> list[str]:
    """Return whom the publisher knew."""
    return [subscriber.name, OTHERS]


def relay_all() -> None:
    """Relay what is open, due or not."""
    OutboxEvent.objects.filter(due_at__isnull=False).update(due_at=timezone.now())
    outbox_publish.delay()


def test_publish_keeps_who_is_subscribed(subscriber):
    publish(ThingHappened())

    assert OutboxEvent.objects.get().subscribers == [subscriber.name]


def test_event_waits_for_the_release_that_knows_all_subscribers(subscriber, known, caplog):
    event = make_event(7, subscribers=known)

    relay_all()

    event.refresh_from_db()
    assert subscriber.numbers == [7]
    assert event.handled_at is None
    assert event.due_at > timezone.now()
    assert [record for record in caplog.records if record.levelno > logging.INFO] == []

    new: list[ThingHappened] = []
    subscription = subscriptions.Subscription(ThingHappened, new.append)
    subscriptions._handlers["thing.happened"][OTHERS] = subscription
    relay_all()

    event.refresh_from_db()
    assert event.handled_at
    assert ([each.number for each in new], subscriber.calls) == ([7], 1)


def test_event_that_another_release_has_handled_is_done(subscriber, known):
    event = make_event(subscribers=known)
    InboxEntry.objects.create(event=event, subscriber=OTHERS)

    inbox.handle(event.pk, subscriber.name)

    event.refresh_from_db()
    assert event.handled_at


def test_event_of_a_publisher_that_did_not_know_a_subscriber_reaches_it(subscriber):
    event = make_event(subscribers=[OTHERS], attempts=1, published_at=timezone.now())
    InboxEntry.objects.create(event=event, subscriber=OTHERS)

    relay_all()

    event.refresh_from_db()
    assert subscriber.calls == 1
    assert event.handled_at


def test_event_whose_subscriber_is_gone_for_good_is_given_up(subscriber, known, caplog):
    event = make_event(subscribers=known)

    for _ in range(relay.SENDS_MAX + 1):
        relay_all()

    event.refresh_from_db()
    assert (event.handled_at, event.due_at) == (None, None)
    assert f"{event} was given up: {OTHERS}" in caplog.text


def test_skip_ends_an_event_whose_subscriber_is_gone(subscriber, known):
    event = make_event(subscribers=known)
    relay_all()

    assert inbox.skip(event) == 1

    event.refresh_from_db()
    assert event.handled_at


def test_turn_that_an_event_waits_for_is_not_counted(subscriber, known):
    _, second = make_row(2, subscribers=known)
    OutboxEvent.objects.update(attempts=1, published_at=timezone.now())

    relay.relay_batch(lambda *_: None)

    second.refresh_from_db()
    assert second.attempts == 1
