"""Several schedulers send each due entry once."""

import signal
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from celery import Celery
from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string

from config.celery import app
from core.jobs.models import ScheduledTask
from core.jobs.queues import Queue
from core.jobs.schedules import RETRY_SECONDS, SharedScheduler, uninterrupted
from core.jobs.tasks import BaseTask

# The scheduler closes its connection, which would end the transaction of a test.
pytestmark = pytest.mark.django_db(transaction=True)

HOUR = timedelta(hours=1)
Schedulers = tuple[SharedScheduler, SharedScheduler]


@pytest.fixture
def celery_app(monkeypatch: pytest.MonkeyPatch) -> Iterator[Celery]:
    """Return an app with a broker in memory, and an entry that is due every hour."""
    # Celery would go by it.
    monkeypatch.delenv("CELERY_BROKER_URL", raising=False)
    other = Celery("tests", broker="memory://", task_cls=BaseTask, set_as_current=False)

    @other.task(name="work", shared=False)
    def work(*args: Any) -> None: ...

    other.conf.beat_schedule = {"hourly": {"task": "work", "schedule": HOUR}}
    with other.connection_for_write() as connection:
        connection.default_channel.queue_declare("celery")
        connection.default_channel.queue_purge("celery")
    yield other
    other.close()


@pytest.fixture
def schedulers(celery_app: Celery) -> Schedulers:
    return SharedScheduler(celery_app), SharedScheduler(celery_app)


def sent(celery_app: Celery) -> int:
    with celery_app.connection_for_write() as connection:
        size: int = connection.default_channel.queue_declare("celery", passive=True).message_count
    return size


def make_due(*schedulers: SharedScheduler, name: str = "hourly") -> None:
    """Let time pass, for what the schedulers know and for what the database knows."""
    past = timezone.now() - HOUR
    ScheduledTask.objects.filter(pk=name).update(last_run_at=past)
    for scheduler in schedulers:
        scheduler.schedule[name].last_run_at = past


def test_entry_that_is_due_is_sent_by_one_of_two(
    celery_app: Celery, schedulers: Schedulers
) -> None:
    make_due(*schedulers)

    waits = [scheduler.tick() for scheduler in schedulers * 2]

    assert sent(celery_app) == 1
    assert min(waits) == pytest.approx(SharedScheduler.max_interval)


def test_entry_is_due_again_an_interval_after_it_was_sent(
    celery_app: Celery, schedulers: Schedulers
) -> None:
    for _ in range(3):
        make_due(*schedulers)
        for scheduler in schedulers:
            scheduler.tick()

    assert sent(celery_app) == 3


def test_new_entry_is_not_due_before_its_first_interval_is_over(
    celery_app: Celery, schedulers: Schedulers
) -> None:
    for scheduler in schedulers:
        scheduler.tick()

    assert sent(celery_app) == 0


def test_what_fell_due_while_no_scheduler_ran_is_sent_at_the_start(
    celery_app: Celery, schedulers: Schedulers
) -> None:
    make_due()

    SharedScheduler(celery_app).tick()

    assert sent(celery_app) == 1


def test_entry_that_could_not_be_sent_stays_due_and_holds_up_no_other(
    celery_app: Celery, caplog: pytest.LogCaptureFixture
) -> None:
    broken = {"task": "work", "schedule": HOUR, "args": (object(),)}
    celery_app.conf.beat_schedule = {"broken": broken, **celery_app.conf.beat_schedule}
    scheduler = SharedScheduler(celery_app)
    make_due(scheduler, name="broken")
    make_due(scheduler)

    wait = scheduler.tick()

    assert "broken could not be sent." in caplog.text
    assert wait == RETRY_SECONDS
    assert sent(celery_app) == 1
    # Mended, by a release.
    celery_app.conf.beat_schedule["broken"]["args"] = ()
    SharedScheduler(celery_app).tick()
    assert sent(celery_app) == 2


def test_entry_that_was_sent_by_a_clock_far_ahead_is_not_silent_until_then(
    celery_app: Celery, schedulers: Schedulers
) -> None:
    make_due(schedulers[0])
    ScheduledTask.objects.update(last_run_at=timezone.now() + 100 * HOUR)

    schedulers[0].tick()

    assert sent(celery_app) == 1
    assert ScheduledTask.objects.get().last_run_at <= timezone.now()


def test_entry_that_was_sent_by_a_clock_far_ahead_is_due_an_interval_after_the_start(
    celery_app: Celery, schedulers: Schedulers
) -> None:
    ScheduledTask.objects.update(last_run_at=timezone.now() + 100 * HOUR)

    following = SharedScheduler(celery_app)

    assert following.schedule["hourly"].last_run_at <= timezone.now()


def test_entry_whose_row_is_gone_is_sent(celery_app: Celery, schedulers: Schedulers) -> None:
    make_due(schedulers[0])
    ScheduledTask.objects.all().delete()

    schedulers[0].tick()

    assert sent(celery_app) == 1
    assert ScheduledTask.objects.count() == 1


def test_service_uses_the_scheduler_of_which_several_may_run() -> None:
    path = settings.CELERY_BEAT_SCHEDULER.replace(":", ".")

    assert import_string(path) is SharedScheduler


def test_each_entry_names_a_task_that_exists_and_a_queue_that_exists() -> None:
    app.loader.import_default_modules()

    for name, entry in settings.CELERY_BEAT_SCHEDULE.items():
        assert entry["task"] in app.tasks, name
        task = app.tasks[entry["task"]]
        options = {**task._get_exec_options(), **entry.get("options", {})}
        route = app.amqp.router.route(options, task.name)
        assert route["queue"].name in set(Queue), name
        task.__header__(*entry.get("args", ()), **entry.get("kwargs", {}))


def test_signal_waits_until_a_task_is_sent() -> None:
    handled: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, _: handled.append(number))
    try:
        with uninterrupted():
            signal.raise_signal(signal.SIGTERM)
            assert handled == []
        assert handled == [signal.SIGTERM]
    finally:
        signal.signal(signal.SIGTERM, before)
