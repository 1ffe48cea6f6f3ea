import pytest
from django.db import transaction
from django.db.transaction import TransactionManagementError

from core.events import relay
from core.events.models import OutboxEvent
from core.events.outbox import publish
from core.identity.actor import acting_as
from tests.factories.users import UserFactory
from tests.integration.core.events.things import CupBrokeInRoom, ThingHappened


def fail(*_: object, **__: object) -> None:
    raise ZeroDivisionError


def publish_and_fail(number: int) -> None:
    with transaction.atomic():
        publish(ThingHappened(number=number))
        raise ZeroDivisionError


@pytest.mark.django_db(transaction=True)
def test_publish_refuses_outside_of_a_transaction():
    with pytest.raises(TransactionManagementError, match=r"'thing\.happened' needs a transaction"):
        publish(ThingHappened())

    assert not OutboxEvent.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_publish_reaches_the_subscriber_when_the_transaction_commits(subscriber):
    with transaction.atomic():
        publish(ThingHappened(number=1))
        assert subscriber.handled == []

    assert subscriber.numbers == [1]


@pytest.mark.django_db(transaction=True)
def test_publish_leaves_nothing_when_the_transaction_rolls_back(subscriber):
    with pytest.raises(ZeroDivisionError):
        publish_and_fail(1)

    assert subscriber.handled == []
    assert not OutboxEvent.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_publish_reaches_the_subscriber_though_a_savepoint_before_it_rolled_back(subscriber):
    with transaction.atomic():
        with pytest.raises(ZeroDivisionError):
            publish_and_fail(1)
        publish(ThingHappened(number=2))

    assert subscriber.numbers == [2]


@pytest.mark.django_db(transaction=True)
def test_publish_does_not_fail_its_caller_when_the_relay_does(monkeypatch, caplog):
    monkeypatch.setattr(relay, "_plan", fail)

    with transaction.atomic():
        publish(ThingHappened())

    assert OutboxEvent.objects.get().published_at is None
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.django_db
def test_publish_costs_one_query_for_each_event_and_one_nudge_for_all(
    django_assert_num_queries, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks() as callbacks, django_assert_num_queries(3):
        for number in range(3):
            publish(ThingHappened(number=number))

    assert len(callbacks) == 1


@pytest.mark.django_db
def test_publish_writes_name_version_and_fields():
    publish(CupBrokeInRoom(name="mine", room="kitchen"))

    event = OutboxEvent.objects.get()
    assert (event.name, event.version) == ("cup.broke", 2)
    assert event.payload == {"name": "mine", "room": "kitchen"}
    assert (event.aggregate, event.sequence) == (None, None)


@pytest.mark.django_db
def test_publish_refuses_a_field_of_another_type():
    with pytest.raises(TypeError, match=r"ThingHappened\.number: '1' is not of type int"):
        publish(ThingHappened(number="1"))

    assert not OutboxEvent.objects.exists()


@pytest.mark.django_db
def test_publish_numbers_the_events_of_each_aggregate():
    user, other = UserFactory(), UserFactory()

    for aggregate in (user, other, user):
        publish(ThingHappened(), aggregate=aggregate)

    numbers = OutboxEvent.objects.order_by("id").values_list("aggregate", "sequence")
    mine, others = f"users.user:{user.pk}", f"users.user:{other.pk}"
    assert list(numbers) == [(mine, 1), (others, 1), (mine, 2)]


@pytest.mark.django_db
def test_publish_refuses_an_aggregate_that_is_not_stored():
    with pytest.raises(ValueError, match="is not stored"):
        publish(ThingHappened(), aggregate=UserFactory.build())


@pytest.mark.django_db
def test_publish_keeps_who_acts_for_the_handler(subscriber, django_capture_on_commit_callbacks):
    user = UserFactory()

    with django_capture_on_commit_callbacks(execute=True), acting_as(user.pk):
        publish(ThingHappened())

    assert OutboxEvent.objects.get().created_by == user
    assert subscriber.actors == [user.pk]
