"""Events that no later try can help."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from celery.app.trace import build_tracer
from celery.exceptions import TimeLimitExceeded
from django.db import OperationalError
from django.utils import timezone

from core.events.inbox import GaveUpError
from core.events.models import InboxEntry, OutboxEvent
from core.events.tasks import event_handle, outbox_publish
from core.jobs.errors import PermanentError
from core.mail.templated import MailRefusedError
from tests.integration.core.events.conftest import Subscriber, make_event

pytestmark = pytest.mark.django_db

Deliver = Callable[[OutboxEvent], None]


@pytest.fixture
def deliver(subscriber: Subscriber) -> Deliver:
    """Return what runs the task as a worker does, which does not raise what the task raises."""
    trace = build_tracer(event_handle.name, event_handle, eager=True, app=event_handle.app)

    def run(event: OutboxEvent, *, redelivered: bool = False) -> None:
        request = {"delivery_info": {"redelivered": redelivered}}
        trace(str(uuid4()), [str(event.pk), subscriber.name], {}, request)

    return run


@pytest.fixture
def deliver_poison(deliver: Deliver, settings) -> Deliver:
    """Return what delivers an event as often as its worker may end."""
    settings.TASK_REDELIVERY_LIMIT = 0
    return lambda event: deliver(event, redelivered=True)


def test_event_that_ended_its_worker_too_often_is_given_up(
    subscriber, deliver_poison, settings, caplog
):
    event = make_event(attempts=1, published_at=timezone.now())

    deliver_poison(event)
    outbox_publish.delay()

    entry = InboxEntry.objects.get()
    assert (entry.handled_at, entry.attempts) == (None, settings.EVENTS_MAX_ATTEMPTS)
    assert entry.error == "PoisonedError: It came back 1 times from workers that did not end it."
    assert subscriber.calls == 0
    event.refresh_from_db()
    assert (event.handled_at, event.due_at) == (None, None)
    assert f"{event} was given up: {subscriber.name}" in caplog.text


def test_event_that_was_handled_before_its_worker_ended_stays_handled(subscriber, deliver_poison):
    event = make_event()
    InboxEntry.objects.create(event=event, subscriber=subscriber.name)

    deliver_poison(event)

    entry = InboxEntry.objects.get()
    assert entry.handled_at
    assert (entry.attempts, entry.error) == (0, "")


def test_event_that_is_gone_is_given_up_in_silence(subscriber, deliver_poison, caplog):
    event = make_event()
    OutboxEvent.objects.all().delete()

    deliver_poison(event)

    assert not InboxEntry.objects.exists()
    assert "could not note" not in caplog.text


def test_event_beyond_the_hard_time_limit_is_given_up(subscriber, settings):
    event = make_event()

    for _ in range(2):  # Celery may tell it twice.
        event_handle.on_failure(TimeLimitExceeded(360), "id", [str(event.pk), subscriber.name])

    entry = InboxEntry.objects.get()
    assert (entry.handled_at, entry.attempts) == (None, settings.EVENTS_MAX_ATTEMPTS)
    assert entry.error == "TimeLimitExceeded(360,)"


def test_error_that_is_not_of_the_handler_is_not_counted(subscriber):
    event = make_event()

    event_handle.on_failure(OperationalError("away"), "id", [str(event.pk), subscriber.name])

    assert not InboxEntry.objects.exists()


def test_handler_that_fails_for_the_last_time_is_counted_once(subscriber, deliver, settings):
    settings.EVENTS_MAX_ATTEMPTS = 2
    event = make_event()
    subscriber.failures = [ZeroDivisionError("why")] * 2

    deliver(event)
    deliver(event)

    entry = InboxEntry.objects.get()
    assert (entry.attempts, entry.error) == (2, "ZeroDivisionError: why")


def test_failure_whose_text_a_database_would_refuse_is_counted(subscriber, deliver):
    event = make_event()
    subscriber.failures = [ZeroDivisionError("a\x00b\ud800")]

    deliver(event)

    entry = InboxEntry.objects.get()
    assert (entry.attempts, entry.error) == (1, "ZeroDivisionError: a\\x00b\\ud800")


@pytest.mark.parametrize("error", [PermanentError("never"), MailRefusedError("550")], ids=repr)
def test_handler_that_fails_for_good_is_not_tried_again(subscriber, settings, error):
    event = make_event(attempts=1, published_at=timezone.now())
    subscriber.failures = [error]

    with pytest.raises(GaveUpError, match=r"gave up thing\.happened .* for good"):
        event_handle.delay(str(event.pk), subscriber.name)
    outbox_publish.delay()

    assert subscriber.calls == 1
    assert InboxEntry.objects.get().attempts == settings.EVENTS_MAX_ATTEMPTS
    event.refresh_from_db()
    assert (event.handled_at, event.due_at) == (None, None)
