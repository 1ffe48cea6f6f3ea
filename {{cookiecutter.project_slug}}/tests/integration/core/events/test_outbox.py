from datetime import date
from decimal import Decimal

import pytest
from django.db import transaction
from django.db.transaction import TransactionManagementError

from core.events.models import OutboxEvent
from core.events.outbox import publish
from core.identity.actor import acting_as
from tests.factories.users import UserFactory


def publish_and_fail(payload: dict[str, int]) -> None:
    with transaction.atomic():
        publish("thing.happened", payload)
        raise ZeroDivisionError


@pytest.mark.django_db(transaction=True)
def test_publish_refuses_outside_of_a_transaction():
    with pytest.raises(TransactionManagementError, match=r"'thing\.happened' needs a transaction"):
        publish("thing.happened", {})

    assert not OutboxEvent.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_publish_reaches_the_subscriber_when_the_transaction_commits(subscriber):
    with transaction.atomic():
        publish("thing.happened", {"number": 1})
        assert subscriber.handled == []

    assert [event.payload for event in subscriber.handled] == [{"number": 1}]


@pytest.mark.django_db(transaction=True)
def test_publish_leaves_nothing_when_the_transaction_rolls_back(subscriber):
    with pytest.raises(ZeroDivisionError):
        publish_and_fail({"number": 1})

    assert subscriber.handled == []
    assert not OutboxEvent.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_publish_reaches_the_subscriber_though_a_savepoint_before_it_rolled_back(subscriber):
    with transaction.atomic():
        with pytest.raises(ZeroDivisionError):
            publish_and_fail({"number": 1})
        publish("thing.happened", {"number": 2})

    assert [event.payload for event in subscriber.handled] == [{"number": 2}]


@pytest.mark.django_db(transaction=True)
def test_publish_does_not_fail_its_caller_when_the_relay_does(subscriber, caplog):
    subscriber.failures = [ZeroDivisionError()] * 100

    with transaction.atomic():
        publish("thing.happened", {})

    assert OutboxEvent.objects.get().published_at is None
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.django_db
def test_publish_costs_one_query_for_each_event_and_one_nudge_for_all(
    django_assert_num_queries, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks() as callbacks, django_assert_num_queries(3):
        for number in range(3):
            publish("thing.happened", {"number": number})

    assert len(callbacks) == 1


@pytest.mark.django_db
def test_publish_writes_what_json_has_no_type_for_as_text():
    publish("thing.happened", {"price": Decimal("1.50"), "day": date(2026, 1, 31)})

    assert OutboxEvent.objects.get().payload == {"price": "1.50", "day": "2026-01-31"}


@pytest.mark.django_db
def test_publish_refuses_what_json_cannot_hold():
    with pytest.raises(TypeError):
        publish("thing.happened", {"thing": object()})


@pytest.mark.django_db
def test_publish_keeps_who_acts_for_the_handler(subscriber, django_capture_on_commit_callbacks):
    user = UserFactory()

    with django_capture_on_commit_callbacks(execute=True), acting_as(user.pk):
        publish("thing.happened", {})

    assert OutboxEvent.objects.get().created_by == user
    assert subscriber.actors == [user.pk]
