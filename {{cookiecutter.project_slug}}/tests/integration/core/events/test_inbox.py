import logging
from threading import Thread

import pytest
from django.db import connection

from apps.users.models import User
from core.events import inbox, relay, subscriptions
from core.events.models import InboxEntry, OutboxEvent
from core.events.tasks import event_handle
from core.identity.actor import current_user_id
from core.jobs.errors import EffectHeldError
from core.records.keys import uuid7
from tests.factories.users import UserFactory
from tests.integration.core.events.conftest import make_event, make_row
from tests.integration.core.events.things import CupBroke, CupBrokeInRoom, ThingHappened


def state(event: OutboxEvent) -> OutboxEvent:
    return OutboxEvent.objects.get(pk=event.pk)


@pytest.mark.django_db
def test_event_handle_twice_runs_the_handler_once(subscriber):
    event = make_event(7)

    event_handle.delay(str(event.pk), subscriber.name)
    event_handle.delay(str(event.pk), subscriber.name)

    assert subscriber.numbers == [7]
    assert InboxEntry.objects.get().subscriber == subscriber.name


@pytest.mark.django_db(transaction=True)
def test_handle_at_the_same_time_runs_the_handler_once(subscriber, monkeypatch):
    event = make_event()
    threads = []

    def deliver_again() -> None:
        inbox.handle(event.pk, subscriber.name)
        connection.close()

    def handle_slowly(event: ThingHappened) -> None:
        threads.append(Thread(target=deliver_again))
        threads[-1].start()
        subscriber.handle(event)

    subscription = subscriptions.Subscription(ThingHappened, handle_slowly)
    monkeypatch.setattr(inbox, "subscription_of", lambda *_: subscription)
    inbox.handle(event.pk, subscriber.name)
    for thread in threads:
        thread.join(timeout=10)

    assert subscriber.calls == 1
    assert InboxEntry.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_handler_that_is_not_atomic_runs_in_no_transaction(monkeypatch):
    monkeypatch.setattr(subscriptions, "_handlers", {})
    within = []

    def hear(event: ThingHappened) -> None:
        within.append(connection.in_atomic_block)

    subscriptions.subscribe(ThingHappened, atomic=False)(hear)
    [name] = subscriptions.subscribers_of(ThingHappened.event_name)
    event = make_event()

    event_handle.delay(str(event.pk), name)
    event_handle.delay(str(event.pk), name)
    inbox.handle(event.pk, name)

    assert within == [False]
    assert InboxEntry.objects.get().handled_at
    assert state(event).handled_at


@pytest.mark.django_db
def test_handler_that_is_not_atomic_works_at_the_second_try(monkeypatch):
    monkeypatch.setattr(subscriptions, "_handlers", {})
    failures = [ZeroDivisionError()]

    def hear(event: ThingHappened) -> None:
        if failures:
            raise failures.pop()

    subscriptions.subscribe(ThingHappened, atomic=False)(hear)
    [name] = subscriptions.subscribers_of(ThingHappened.event_name)
    event = make_event()

    event_handle.delay(str(event.pk), name)
    assert state(event).handled_at is None
    event_handle.delay(str(event.pk), name)

    assert InboxEntry.objects.get().attempts == 1
    assert state(event).handled_at


@pytest.mark.django_db
def test_effect_that_another_delivery_is_at_is_no_failure(subscriber):
    event = make_event()
    relay.relay_batch(lambda *_: None)
    subscriber.failures = [EffectHeldError("mail", seconds=60)]
    due_at = state(event).due_at

    event_handle.delay(str(event.pk), subscriber.name)

    assert not InboxEntry.objects.exists()
    assert state(event).due_at == due_at


@pytest.mark.django_db(transaction=True)
def test_handle_leaves_nothing_of_a_handler_that_fails_but_why(subscriber, monkeypatch):
    event = make_event()

    def write_and_fail(event: ThingHappened) -> None:
        UserFactory(email="written@example.com")
        raise ZeroDivisionError("why")

    subscription = subscriptions.Subscription(ThingHappened, write_and_fail)
    monkeypatch.setattr(inbox, "subscription_of", lambda *_: subscription)
    inbox.handle(event.pk, subscriber.name)

    entry = InboxEntry.objects.get()
    assert (entry.handled_at, entry.attempts, entry.error) == (None, 1, "ZeroDivisionError: why")
    assert not User.objects.exists()


@pytest.mark.django_db
def test_handler_gets_the_event_with_its_envelope(subscriber):
    user = UserFactory()
    event = make_event(7, created_by=user)

    event_handle.delay(str(event.pk), subscriber.name)

    [handled] = subscriber.handled
    assert handled == ThingHappened(number=7)
    assert handled.envelope.id == event.pk
    assert handled.envelope.occurred_at == event.created_at
    assert handled.envelope.actor_id == user.pk
    assert subscriber.actors == [user.pk]
    assert current_user_id() is None


@pytest.mark.django_db
def test_event_of_an_old_version_is_handled_as_the_new_one(monkeypatch):
    monkeypatch.setattr(subscriptions, "_handlers", {})
    handled = []
    subscriptions.subscribe(CupBrokeInRoom)(handled.append)
    [subscriber] = subscriptions.subscribers_of("cup.broke")
    event = OutboxEvent.objects.create(
        name=CupBroke.event_name, version=1, payload={"name": "mine"}
    )

    event_handle.delay(str(event.pk), subscriber)

    assert handled == [CupBrokeInRoom(name="mine", room="unknown")]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("values", "error"),
    [
        (
            {"version": 9},
            "UnknownEventError: This release knows no version 9 of 'thing.happened': a newer one wrote it.",
        ),
        (
            {"payload": {"number": "many"}},
            "EventFormatError: ThingHappened.number: 'many' is not of type int",
        ),
    ],
    ids=["version", "field"],
)
def test_event_that_cannot_be_read_is_kept_and_tried_again(subscriber, values, error):
    event = make_event()
    OutboxEvent.objects.update(**values)

    event_handle.delay(str(event.pk), subscriber.name)

    assert subscriber.calls == 0
    assert InboxEntry.objects.get().error == error
    assert state(event).due_at


@pytest.mark.django_db
def test_handler_that_fails_is_due_again_after_a_random_wait(subscriber):
    event = make_event()
    subscriber.failures = [ZeroDivisionError()]

    event_handle.delay(str(event.pk), subscriber.name)

    stored = state(event)
    waited = (stored.due_at - InboxEntry.objects.get().created_at).total_seconds()
    assert 0 < waited < 2 * inbox.BACKOFF_SECONDS + 1
    assert stored.handled_at is None


@pytest.mark.django_db
def test_handler_works_at_the_second_try(subscriber):
    event = make_event()
    subscriber.failures = [ZeroDivisionError()]

    event_handle.delay(str(event.pk), subscriber.name)
    event_handle.delay(str(event.pk), subscriber.name)

    assert subscriber.numbers == [0]
    assert InboxEntry.objects.get().handled_at
    assert state(event).handled_at


@pytest.mark.django_db
def test_task_fails_when_the_handler_fails_for_the_last_time(subscriber, settings):
    settings.EVENTS_MAX_ATTEMPTS = 2
    event = make_event()
    subscriber.failures = [ZeroDivisionError()] * 2

    event_handle.delay(str(event.pk), subscriber.name)
    with pytest.raises(inbox.GaveUpError, match=r"gave up thing\.happened .* after 2 attempts"):
        event_handle.delay(str(event.pk), subscriber.name)

    assert InboxEntry.objects.get().attempts == 2


@pytest.mark.django_db
def test_event_is_handled_once_all_its_subscribers_have_handled_it(subscriber):
    others = []

    def hear(event: ThingHappened) -> None:
        others.append(event)

    subscriptions.subscribe(ThingHappened)(hear)
    event = make_event()
    first, second = subscriptions.subscribers_of("thing.happened")

    event_handle.delay(str(event.pk), first)
    assert state(event).handled_at is None
    event_handle.delay(str(event.pk), second)

    assert state(event).handled_at
    assert state(event).due_at is None
    assert len(others) == 1


@pytest.mark.django_db
def test_event_waits_for_an_earlier_one_of_its_aggregate(subscriber):
    first, second = make_row(2)

    event_handle.delay(str(second.pk), subscriber.name)
    assert subscriber.calls == 0
    event_handle.delay(str(first.pk), subscriber.name)

    # The second message is gone: the task that handled the first event went on.
    assert subscriber.numbers == [1, 2]
    assert state(second).handled_at


@pytest.mark.django_db
def test_event_waits_while_an_earlier_one_fails_and_others_do_not(subscriber):
    first, second = make_row(2)
    [other] = make_row(1, aggregate="things.thing:2")
    subscriber.failures = [ZeroDivisionError()]

    for event in (first, second, other):
        event_handle.delay(str(event.pk), subscriber.name)
    assert subscriber.handled == [ThingHappened(number=1)]
    assert state(other).handled_at
    event_handle.delay(str(first.pk), subscriber.name)

    assert subscriber.numbers == [1, 1, 2]


@pytest.mark.django_db
def test_event_waits_for_its_own_subscriber_only(subscriber):
    others = []

    def hear(event: ThingHappened) -> None:
        others.append(event.number)

    subscriptions.subscribe(ThingHappened)(hear)
    first, second = make_row(2)
    failing, hearing = subscriptions.subscribers_of("thing.happened")
    subscriber.failures = [ZeroDivisionError()]

    for event in (first, second):
        for name in (failing, hearing):
            event_handle.delay(str(event.pk), name)

    assert others == [1, 2]
    assert subscriber.numbers == []


@pytest.mark.django_db
def test_long_row_of_events_is_handled_in_order_by_several_tasks(subscriber):
    events = make_row(45)

    event_handle.delay(str(events[0].pk), subscriber.name)

    assert subscriber.numbers == list(range(1, 46))


@pytest.mark.django_db
def test_subscriber_of_another_release_is_kept_and_tried_again(subscriber):
    event = make_event()

    inbox.handle(event.pk, "apps.orders.events.of_tomorrow")

    assert "does not handle 'thing.happened' in this release" in InboxEntry.objects.get().error


@pytest.mark.django_db
def test_handle_ends_when_the_event_was_purged(subscriber, caplog):
    inbox.handle(uuid7(), subscriber.name)

    assert subscriber.calls == 0
    assert "is gone" in caplog.text


@pytest.mark.django_db
def test_failure_is_logged_with_its_trace(subscriber, caplog):
    event = make_event()
    subscriber.failures = [ZeroDivisionError()]

    with caplog.at_level(logging.WARNING):
        event_handle.delay(str(event.pk), subscriber.name)

    assert "try 1" in caplog.text
    assert "Traceback" in caplog.text


@pytest.mark.django_db
def test_handle_costs_five_queries_and_two_savepoints(subscriber, django_assert_num_queries):
    event = make_event()

    # The event, the entry, the new entry; who has handled it, and that all have; a savepoint
    # around what the handler does and one around the new entry.
    with django_assert_num_queries(5 + 2 * 2):
        inbox.handle(event.pk, subscriber.name)
