from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from core.events import relay
from core.events.models import InboxEntry, OutboxEvent
from core.events.tasks import outbox_publish, outbox_purge
from core.identity.actor import acting_as, current_user_id
from tests.factories.users import UserFactory


def make_events(count: int) -> list[OutboxEvent]:
    return [
        OutboxEvent.objects.create(name="thing.happened", payload={"number": number})
        for number in range(count)
    ]


def unheard(event_id: UUID, subscriber: str) -> None:
    """Send nowhere."""


@pytest.mark.django_db
def test_outbox_publish_relays_in_order_and_marks_what_it_sent(subscriber, monkeypatch):
    monkeypatch.setattr(relay, "BATCH_SIZE", 2)
    events = make_events(5)

    outbox_publish.delay()

    assert subscriber.handled == events
    assert not OutboxEvent.objects.filter(published_at=None).exists()


@pytest.mark.django_db
def test_outbox_publish_twice_has_each_event_handled_once(subscriber):
    make_events(1)

    outbox_publish.delay()
    OutboxEvent.objects.update(published_at=None)
    outbox_publish.delay()

    assert subscriber.calls == 1


@pytest.mark.django_db
def test_relay_batch_leaves_what_was_published(subscriber):
    make_events(1)

    assert relay.relay_batch(unheard) == 1
    assert relay.relay_batch(unheard) == 0


@pytest.mark.django_db
def test_relay_batch_marks_an_event_without_subscribers(subscriber):
    OutboxEvent.objects.create(name="nobody.cares", payload={})

    assert relay.relay_batch(unheard) == 1
    assert OutboxEvent.objects.get().published_at is not None


@pytest.mark.django_db
def test_relay_batch_sends_for_who_caused_the_event(subscriber):
    user = UserFactory()
    actors = []
    with acting_as(user.pk):
        make_events(1)
    make_events(1)

    relay.relay_batch(lambda _id, _subscriber: actors.append(current_user_id()))

    assert actors == [user.pk, None]


@pytest.mark.django_db
def test_relay_batch_keeps_the_batch_when_the_broker_fails(subscriber):
    make_events(2)
    sent = []

    def send(event_id: UUID, subscriber: str) -> None:
        if sent:
            raise ConnectionError
        sent.append(event_id)

    with pytest.raises(ConnectionError):
        relay.relay_batch(send)

    assert OutboxEvent.objects.filter(published_at=None).count() == 2


@pytest.mark.django_db
def test_relay_batch_costs_the_same_for_many_events(subscriber, django_assert_num_queries):
    make_events(10)

    with django_assert_num_queries(4):  # The savepoint, the events, the mark, its release.
        relay.relay_batch(unheard)


@pytest.mark.django_db
def test_outbox_purge_deletes_old_events_with_their_entries(subscriber, monkeypatch):
    monkeypatch.setattr(relay, "PURGE_BATCH_SIZE", 2)
    make_events(5)
    outbox_publish.delay()
    OutboxEvent.objects.update(published_at=timezone.now() - relay.RETENTION - timedelta(hours=1))
    recent, waiting = make_events(2)
    OutboxEvent.objects.filter(pk=recent.pk).update(published_at=timezone.now())

    outbox_purge.delay()

    assert set(OutboxEvent.objects.all()) == {recent, waiting}
    assert not InboxEntry.objects.exists()
