from threading import Thread

import pytest
from django.db import connection

from apps.users.models import User
from core.events import inbox
from core.events.models import InboxEntry, OutboxEvent
from core.events.tasks import event_handle
from core.records.keys import uuid7
from tests.factories.users import UserFactory


def make_event() -> OutboxEvent:
    return OutboxEvent.objects.create(name="thing.happened", payload={})


@pytest.mark.django_db
def test_event_handle_twice_runs_the_handler_once(subscriber):
    event = make_event()

    event_handle.delay(str(event.pk), subscriber.name)
    event_handle.delay(str(event.pk), subscriber.name)

    assert subscriber.handled == [event]
    assert InboxEntry.objects.get().subscriber == subscriber.name


@pytest.mark.django_db(transaction=True)
def test_handle_at_the_same_time_runs_the_handler_once(subscriber, monkeypatch):
    event = make_event()
    threads = []

    def deliver_again() -> None:
        inbox.handle(event.pk, subscriber.name)
        connection.close()

    def handle_slowly(event: OutboxEvent) -> None:
        threads.append(Thread(target=deliver_again))
        threads[-1].start()
        subscriber.handle(event)

    monkeypatch.setattr(inbox, "handler_of", lambda *_: handle_slowly)
    inbox.handle(event.pk, subscriber.name)
    for thread in threads:
        thread.join(timeout=10)

    assert subscriber.calls == 1
    assert InboxEntry.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_handle_leaves_nothing_of_a_handler_that_fails(subscriber, monkeypatch):
    event = make_event()

    def write_and_fail(event: OutboxEvent) -> None:
        UserFactory(email="written@example.com")
        raise ZeroDivisionError

    monkeypatch.setattr(inbox, "handler_of", lambda *_: write_and_fail)
    with pytest.raises(ZeroDivisionError):
        inbox.handle(event.pk, subscriber.name)

    assert not InboxEntry.objects.exists()
    assert not User.objects.exists()


@pytest.mark.django_db
def test_event_handle_tries_a_handler_again_that_failed(subscriber):
    event = make_event()
    subscriber.failures = [ZeroDivisionError()]

    result = event_handle.apply((str(event.pk), subscriber.name), throw=False)

    assert result.successful()
    assert subscriber.calls == 2
    assert subscriber.handled == [event]


@pytest.mark.django_db
def test_event_handle_ends_when_the_last_try_fails(subscriber):
    event = make_event()
    subscriber.failures = [ZeroDivisionError()]

    result = event_handle.apply(
        (str(event.pk), subscriber.name), retries=event_handle.max_retries, throw=False
    )

    assert result.failed()
    assert subscriber.calls == 1
    assert not InboxEntry.objects.exists()


@pytest.mark.django_db
def test_handle_raises_for_a_subscriber_of_another_release(subscriber):
    event = make_event()

    with pytest.raises(LookupError):
        inbox.handle(event.pk, "apps.orders.events.of_tomorrow")

    assert not InboxEntry.objects.exists()


@pytest.mark.django_db
def test_handle_ends_when_the_event_was_purged(subscriber, caplog):
    inbox.handle(uuid7(), subscriber.name)

    assert subscriber.calls == 0
    assert "is gone" in caplog.text


@pytest.mark.django_db
def test_handle_costs_three_queries_and_two_savepoints(subscriber, django_assert_num_queries):
    event = make_event()

    # The event, the entry, the new entry; a savepoint around all and one around the new entry.
    with django_assert_num_queries(3 + 2 * 2):
        inbox.handle(event.pk, subscriber.name)
