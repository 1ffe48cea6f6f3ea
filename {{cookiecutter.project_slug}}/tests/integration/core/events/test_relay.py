from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from core.events import relay, subscriptions
from core.events.models import InboxEntry, OutboxEvent
from core.events.tasks import outbox_publish, outbox_purge
from core.identity.actor import acting_as, current_user_id
from core.jobs import batches
from tests.factories.users import UserFactory
from tests.integration.core.events.conftest import make_event, make_events, make_row
from tests.integration.core.events.things import ThingHappened

pytestmark = pytest.mark.django_db


def unheard(event_id: UUID, subscriber: str) -> None:
    """Send nowhere, as a broker that loses what it has taken."""


def pass_time(seconds: float) -> None:
    """Let events be due as they are after so long."""
    for event in OutboxEvent.objects.filter(due_at__isnull=False):
        OutboxEvent.objects.filter(pk=event.pk).update(
            due_at=event.due_at - timedelta(seconds=seconds)
        )


def test_outbox_publish_relays_in_order_and_marks_what_it_sent(subscriber, monkeypatch):
    monkeypatch.setattr(relay, "BATCH_SIZE", 2)
    make_events(5)

    outbox_publish.delay()

    assert subscriber.numbers == list(range(5))
    assert not OutboxEvent.objects.filter(published_at=None).exists()


def test_outbox_publish_twice_has_each_event_handled_once(subscriber):
    make_events(1)

    outbox_publish.delay()
    OutboxEvent.objects.update(due_at=timezone.now(), handled_at=None)
    outbox_publish.delay()

    assert subscriber.calls == 1


def test_event_whose_message_was_lost_is_sent_again(subscriber):
    make_events(1)
    relay.relay_batch(unheard)

    pass_time(59)
    outbox_publish.delay()
    assert subscriber.calls == 0
    pass_time(1)
    outbox_publish.delay()

    assert subscriber.calls == 1


def test_event_is_sent_again_after_longer_and_longer(subscriber):
    event = make_event()
    waits = []

    for _ in range(8):
        pass_time(relay.RESEND_MAX_SECONDS)
        before = timezone.now()
        relay.relay_batch(unheard)
        event.refresh_from_db()
        waits.append(round((event.due_at - before).total_seconds()))

    assert waits == [60, 120, 240, 480, 960, 1920, 3600, 3600]
    assert event.attempts == 8


def test_event_that_nobody_ever_takes_is_given_up(subscriber, caplog):
    event = make_event(attempts=relay.SENDS_MAX, published_at=timezone.now())

    relay.relay_batch(unheard)

    event.refresh_from_db()
    assert (event.due_at, event.handled_at) == (None, None)
    assert f"{event} was given up: {subscriber.name}" in caplog.text


def test_event_whose_subscriber_gave_up_is_not_sent_again(subscriber, settings):
    event = make_event(attempts=1, published_at=timezone.now())
    InboxEntry.objects.create(
        event=event,
        subscriber=subscriber.name,
        handled_at=None,
        attempts=settings.EVENTS_MAX_ATTEMPTS,
    )

    outbox_publish.delay()

    event.refresh_from_db()
    assert (event.due_at, event.handled_at) == (None, None)
    assert subscriber.calls == 0


def test_event_that_all_have_handled_is_marked_though_nobody_did_so_then(subscriber):
    event = make_event(attempts=1, published_at=timezone.now())
    InboxEntry.objects.create(event=event, subscriber=subscriber.name)

    outbox_publish.delay()

    event.refresh_from_db()
    assert event.handled_at
    assert subscriber.calls == 0


def test_event_that_waits_for_an_earlier_one_is_not_sent_again(subscriber):
    _, second = make_row(2)
    relay.relay_batch(unheard)
    pass_time(60)
    sent = []

    relay.relay_batch(lambda event_id, _: sent.append(event_id))

    assert second.pk not in sent
    second.refresh_from_db()
    assert second.attempts == 1
    assert second.due_at


def test_event_of_a_newer_release_stays(subscriber, caplog):
    event = make_event(version=2)

    outbox_publish.delay()

    event.refresh_from_db()
    assert event.handled_at is None
    assert event.due_at
    assert "this release knows no version 2 of it" in caplog.text
    assert subscriber.calls == 0


def test_relay_batch_leaves_what_was_published(subscriber):
    make_events(1)

    assert relay.relay_batch(unheard) == 1
    assert relay.relay_batch(unheard) == 0


def test_event_without_subscribers_counts_as_handled(subscriber):
    OutboxEvent.objects.create(name="nobody.cares", payload={})

    assert relay.relay_batch(unheard) == 1
    assert OutboxEvent.objects.get().handled_at is not None


def test_relay_batch_sends_for_who_caused_the_event(subscriber):
    user = UserFactory()
    actors = []
    with acting_as(user.pk):
        make_events(1)
    make_events(1)

    relay.relay_batch(lambda _id, _subscriber: actors.append(current_user_id()))

    assert actors == [user.pk, None]


def test_relay_batch_leaves_what_it_could_not_send_as_it_was(subscriber):
    first, second = make_events(2)
    sent = []

    def send(event_id: UUID, subscriber: str) -> None:
        if sent:
            raise ConnectionError
        sent.append(event_id)

    with pytest.raises(ConnectionError):
        relay.relay_batch(send)

    assert sent == [first.pk]
    assert OutboxEvent.objects.get(pk=first.pk).attempts == 1
    left = OutboxEvent.objects.get(pk=second.pk)
    assert (left.attempts, left.published_at, left.due_at) == (0, None, second.due_at)


def test_relay_batch_costs_the_same_for_many_events(subscriber, django_assert_num_queries):
    make_events(10)

    with django_assert_num_queries(4):  # The savepoint, the events, the mark, its release.
        relay.relay_batch(unheard)


def test_relay_batch_costs_the_same_for_many_events_that_are_sent_again(
    subscriber, django_assert_num_queries
):
    for number in range(5):
        make_row(4, aggregate=f"things.thing:{number}")
    relay.relay_batch(unheard)
    pass_time(60)

    # The savepoint, the events, their entries, those that wait, two kinds of marks, its release.
    with django_assert_num_queries(7):
        relay.relay_batch(unheard)


def test_event_is_sent_again_to_those_at_whom_it_does_not_wait(subscriber):
    first, second = make_row(2)
    others: list[ThingHappened] = []
    subscriptions.subscribe(ThingHappened)(others.append)
    [_, other] = subscriptions.subscribers_of(ThingHappened.event_name)
    relay.relay_batch(unheard)
    InboxEntry.objects.create(event=first, subscriber=other)
    pass_time(60)
    sent = []

    relay.relay_batch(lambda event_id, name: sent.append((event_id, name)))

    assert sorted(sent) == [(first.pk, subscriber.name), (second.pk, other)]


def test_outbox_purge_deletes_old_events_that_were_handled(subscriber, monkeypatch):
    monkeypatch.setattr(batches, "BATCH_SIZE", 2)
    make_events(5)
    outbox_publish.delay()
    old = timezone.now() - relay.RETENTION - timedelta(hours=1)
    OutboxEvent.objects.update(handled_at=old)
    recent, open_one = make_events(2)
    OutboxEvent.objects.filter(pk=recent.pk).update(handled_at=timezone.now())
    OutboxEvent.objects.filter(pk=open_one.pk).update(created_at=old, published_at=old)

    outbox_purge.delay()

    assert set(OutboxEvent.objects.all()) == {recent, open_one}
    assert not InboxEntry.objects.exists()
