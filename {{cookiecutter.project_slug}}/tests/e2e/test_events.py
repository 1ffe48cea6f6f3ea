"""Events whose handlers end or hold up the processes that run them are given up."""

from pathlib import Path

import pytest
from django.conf import settings

from core.events.event import Event
from core.events.models import InboxEntry, OutboxEvent
from core.events.subscriptions import subscribers_of
from core.events.tasks import event_handle
from tests.e2e import tasks
from tests.e2e.events import ProcessEnded, ProcessHung
from tests.e2e.processes import Launcher, wait_for

pytestmark = pytest.mark.slow

KNOWING_HANDLERS = ("--include", "tests.e2e.tasks,tests.e2e.events")


def make_event(kind: type[Event]) -> OutboxEvent:
    """Return an event that no relay sends: the test does."""
    return OutboxEvent.objects.create(name=kind.event_name, payload={}, due_at=None)


def entry_given_up(event: OutboxEvent) -> InboxEntry:
    """Return the only entry of an event, once nobody tries it again."""
    given_up = InboxEntry.objects.filter(event=event, attempts=settings.EVENTS_MAX_ATTEMPTS)
    entry: InboxEntry = wait_for(given_up.first, "giving the event up")
    return entry


def test_event_that_ends_its_process_is_given_up_when_its_message_is(
    launcher_alone: Launcher,
) -> None:
    launcher_alone.worker(*KNOWING_HANDLERS, TASK_REDELIVERY_LIMIT="1")
    event = make_event(ProcessEnded)

    event_handle.delay(str(event.pk), *subscribers_of(ProcessEnded.event_name))

    entry = entry_given_up(event)
    assert entry.handled_at is None
    assert entry.error.startswith("PoisonedError: ")


def test_event_that_hangs_is_given_up_at_the_hard_time_limit_and_its_worker_goes_on(
    launcher_alone: Launcher, tmp_path: Path
) -> None:
    launcher_alone.worker(*KNOWING_HANDLERS)
    event = make_event(ProcessHung)
    arguments = (str(event.pk), *subscribers_of(ProcessHung.event_name))

    event_handle.apply_async(arguments, soft_time_limit=1, time_limit=2)

    entry = entry_given_up(event)
    assert (entry.handled_at, entry.error) == (None, "TimeLimitExceeded(2,)")
    journal = tmp_path / "journal"
    tasks.tell.delay(str(journal))
    wait_for(lambda: tasks.read(journal), "another task")
