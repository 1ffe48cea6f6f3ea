"""Events that are not handled are counted, and how long they have been so."""

from datetime import timedelta

import pytest
from django.utils import timezone

from core.events.models import OutboxEvent
from tests.integration.core.events.conftest import make_event, make_events
from tests.metrics import TOKEN, scrape

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _token(settings) -> None:
    settings.METRICS_TOKENS = [TOKEN]


def test_without_events_all_is_zero(client):
    found = scrape(client)

    assert found["events_unhandled"] == {("open",): 0, ("given_up",): 0}
    assert found["events_oldest_unhandled_age_seconds"] == {("open",): 0, ("given_up",): 0}


def test_events_are_counted_until_they_are_handled(client):
    make_events(2)
    make_event(due_at=None)
    make_event(due_at=None, handled_at=timezone.now())

    assert scrape(client)["events_unhandled"] == {("open",): 2, ("given_up",): 1}


def test_age_is_that_of_the_oldest_in_each_state(client):
    for age, values in (
        (500, {"due_at": None, "handled_at": timezone.now()}),
        (400, {"due_at": None}),
        (300, {}),
        (200, {}),
    ):
        event = make_event(**values)
        OutboxEvent.objects.filter(pk=event.pk).update(
            created_at=timezone.now() - timedelta(seconds=age)
        )

    ages = scrape(client)["events_oldest_unhandled_age_seconds"]

    assert ages == {
        ("open",): pytest.approx(300, abs=30),
        ("given_up",): pytest.approx(400, abs=30),
    }


def test_age_is_never_negative(client):
    event = make_event()
    OutboxEvent.objects.filter(pk=event.pk).update(
        created_at=timezone.now() + timedelta(seconds=60)
    )

    assert scrape(client)["events_oldest_unhandled_age_seconds"]["open",] == 0
