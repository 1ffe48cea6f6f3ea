"""What Django promises of tasks holds for those that Celery runs."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from asgiref.sync import async_to_sync
from django.apps import apps
from django.core.checks import run_checks
from django.db import transaction
from django.tasks import TaskResultStatus, task_backends
from django.tasks.exceptions import InvalidTask, TaskResultDoesNotExist, TaskResultMismatch
from django.tasks.signals import task_enqueued, task_finished, task_started
from django.utils import timezone

from core.dead_letters.letters import PoisonedError
from core.django_tasks import store, tasks
from core.django_tasks.models import EnqueuedTask
from core.identity.actor import acting_as
from core.identity.origin import Origin, originating_from
from core.jobs.effects import digest_of
from core.jobs.models import Effect
from core.jobs.tasks import BaseTask
from tests.e2e import django_tasks

pytestmark = pytest.mark.django_db


@pytest.fixture
def enqueue(django_capture_on_commit_callbacks):
    """Return what enqueues a task, commits, and returns what came of it."""

    def enqueue(task: Any, *args: Any, **kwargs: Any) -> Any:
        with django_capture_on_commit_callbacks(execute=True):
            result = task.enqueue(*args, **kwargs)
            assert result.status == TaskResultStatus.READY
        result.refresh()
        return result

    return enqueue


def test_task_runs_and_its_result_is_kept(enqueue) -> None:
    result = enqueue(django_tasks.add, 2, second=3)

    found = django_tasks.add.get_result(result.id)
    assert (found.status, found.return_value) == (TaskResultStatus.SUCCESSFUL, 5)
    assert (found.args, found.kwargs, found.attempts) == ([2], {"second": 3}, 1)
    assert found.enqueued_at <= found.started_at == found.last_attempted_at <= found.finished_at


def test_task_can_be_async(enqueue) -> None:
    assert enqueue(django_tasks.double, 21).return_value == 42


def test_task_of_a_rolled_back_transaction_never_runs(django_capture_on_commit_callbacks) -> None:
    with django_capture_on_commit_callbacks(execute=True) as callbacks, transaction.atomic():
        django_tasks.add.enqueue(1)
        transaction.set_rollback(True)

    assert (callbacks, EnqueuedTask.objects.count()) == ([], 0)


def test_task_acts_for_whom_it_was_enqueued_also_when_it_is_sent_later(enqueue) -> None:
    user_id = uuid4()
    with acting_as(user_id), originating_from(Origin("request-1")):
        result = django_tasks.identity.enqueue()

    tasks.django_tasks_send()

    result.refresh()
    assert result.return_value == {"user": str(user_id), "request": "request-1", "attempt": 1}


def test_error_is_kept_and_fails_the_task_at_once(enqueue) -> None:
    result = enqueue(django_tasks.fail)

    assert (result.status, result.attempts) == (TaskResultStatus.FAILED, 1)
    [error] = result.errors
    assert error.exception_class is ValueError
    assert "ValueError: no" in error.traceback


def test_passing_error_is_tried_again(enqueue) -> None:
    result = enqueue(django_tasks.fail_once)

    assert (result.return_value, result.attempts) == ("done", 2)
    assert [error.exception_class for error in result.errors] == [ConnectionError]


def test_error_that_does_not_pass_ends_with_the_last_retry(enqueue, monkeypatch) -> None:
    monkeypatch.setattr(tasks.django_task_run, "max_retries", 1)

    result = enqueue(django_tasks.always_away)

    assert (result.status, result.attempts) == (TaskResultStatus.FAILED, 2)
    assert len(result.errors) == 2


def test_signals_tell_what_happens(enqueue) -> None:
    told: list[Any] = []

    def note(signal: Any, task_result: Any, **_: Any) -> None:
        told.append((signal, task_result.status))

    for signal in (task_enqueued, task_started, task_finished):
        signal.connect(note)
    enqueue(django_tasks.add, 1)
    for signal in (task_enqueued, task_started, task_finished):
        signal.disconnect(note)

    assert told == [
        (task_enqueued, TaskResultStatus.READY),
        (task_started, TaskResultStatus.RUNNING),
        (task_finished, TaskResultStatus.SUCCESSFUL),
    ]


@pytest.mark.parametrize(
    ("task", "queue"),
    [
        (django_tasks.add, "default"),
        (django_tasks.add.using(priority=1), "critical"),
        (django_tasks.add.using(priority=-1), "bulk"),
        (django_tasks.in_bulk, "bulk"),
        (django_tasks.in_bulk.using(priority=100), "bulk"),
    ],
)
def test_priority_chooses_the_queue_where_the_task_does_not(task: Any, queue: str) -> None:
    row = EnqueuedTask(queue_name=task.queue_name, priority=task.priority)

    assert tasks.queue_of(row) == queue


def test_queue_that_no_worker_consumes_is_refused() -> None:
    with pytest.raises(InvalidTask, match="Queue 'other'"):
        django_tasks.add.using(queue_name="other")


def test_task_that_a_worker_could_not_find_is_refused() -> None:
    with pytest.raises(InvalidTask, match="plain is no task"):
        django_tasks.hidden.enqueue()


@pytest.mark.parametrize("argument", [uuid4(), {1}, object()])
def test_argument_that_is_no_json_is_refused(argument: Any) -> None:
    with pytest.raises(TypeError):
        django_tasks.add.enqueue(argument)

    assert not EnqueuedTask.objects.exists()


def test_deferred_task_waits_in_the_table_until_it_is_due(enqueue) -> None:
    due = timezone.now() + timedelta(hours=1)
    result = enqueue(django_tasks.add.using(run_after=due), 1)

    tasks.django_tasks_send()
    result.refresh()
    assert (result.status, result.task.run_after) == (TaskResultStatus.READY, due)

    EnqueuedTask.objects.update(run_after=timezone.now())
    tasks.django_tasks_send()
    result.refresh()
    assert result.status == TaskResultStatus.SUCCESSFUL


def begin(result: Any, *, worker: str = "worker", is_again: bool = False) -> Any:
    return store.begin(result.id, worker=worker, at=timezone.now(), is_again=is_again)


@pytest.mark.parametrize(
    ("status", "is_again", "runs"),
    [
        ("READY", False, True),
        ("RUNNING", False, False),
        ("RUNNING", True, True),
        ("FAILED", False, True),
        ("SUCCESSFUL", True, False),
    ],
)
def test_second_message_runs_nothing_twice(status: str, is_again: bool, runs: bool) -> None:  # noqa: FBT001
    result = django_tasks.add.enqueue(1)
    EnqueuedTask.objects.update(status=status)

    row = begin(result, worker="other", is_again=is_again)

    assert (row is not None) is runs


def test_what_the_broker_lost_is_sent_again() -> None:
    lost, dead, waiting = (django_tasks.add.enqueue(number) for number in range(3))
    long_ago = timezone.now() - store.LOST_AFTER
    EnqueuedTask.objects.filter(pk=lost.id).update(sent_at=long_ago)
    EnqueuedTask.objects.filter(pk=dead.id).update(
        status="RUNNING", sent_at=long_ago, last_attempted_at=long_ago
    )
    EnqueuedTask.objects.filter(pk=waiting.id).update(sent_at=timezone.now())

    tasks.django_tasks_send()

    for result in (lost, dead, waiting):
        result.refresh()
    assert [result.is_finished for result in (lost, dead, waiting)] == [True, True, False]


def lost(*, begun: int) -> Any:
    """Return a task that workers began so often, the last of them long ago."""
    result = django_tasks.add.enqueue(1)
    EnqueuedTask.objects.filter(pk=result.id).update(
        status="RUNNING",
        sent_at=timezone.now() - store.LOST_AFTER,
        last_attempted_at=timezone.now() - store.LOST_AFTER,
        worker_ids=["worker"] * begun,
    )
    return result


def test_task_that_was_begun_too_often_fails_and_is_not_sent_again() -> None:
    result = lost(begun=store.ATTEMPTS_MAXIMUM)

    tasks.django_tasks_send()

    result.refresh()
    assert (result.status, result.attempts) == (TaskResultStatus.FAILED, store.ATTEMPTS_MAXIMUM)
    [error] = result.errors
    assert error.exception_class is store.LostError
    assert "begun 10 times" in error.traceback


def test_task_that_was_begun_less_often_is_sent_again() -> None:
    result = lost(begun=store.ATTEMPTS_MAXIMUM - 1)

    tasks.django_tasks_send()

    result.refresh()
    assert (result.status, result.attempts) == (
        TaskResultStatus.SUCCESSFUL,
        store.ATTEMPTS_MAXIMUM,
    )


def test_end_of_a_task_that_was_begun_too_often_is_told() -> None:
    result = lost(begun=store.ATTEMPTS_MAXIMUM)
    told: list[Any] = []

    def note(task_result: Any, **_: Any) -> None:
        told.append((task_result.id, task_result.status))

    task_finished.connect(note)
    tasks.django_tasks_send()
    task_finished.disconnect(note)

    assert told == [(result.id, TaskResultStatus.FAILED)]


def give_up(result: Any, error: Exception) -> None:
    """Tell the task of ``result`` that its message has failed for good, as Celery does."""
    tasks.django_task_run.on_failure(error, str(uuid4()), [result.id], {}, None)
    result.refresh()


@pytest.mark.parametrize("status", ["READY", "RUNNING"])
def test_task_that_is_given_up_has_failed(status: str) -> None:
    result = django_tasks.add.enqueue(1)
    EnqueuedTask.objects.update(status=status)

    give_up(result, PoisonedError("It came back 6 times."))

    assert result.status == TaskResultStatus.FAILED
    assert result.finished_at is not None
    [error] = result.errors
    assert error.exception_class is PoisonedError
    assert "It came back 6 times." in error.traceback


def test_task_that_is_given_up_twice_keeps_one_error() -> None:
    result = django_tasks.add.enqueue(1)

    give_up(result, PoisonedError("It came back 6 times."))
    give_up(result, PoisonedError("It came back 7 times."))

    [error] = result.errors
    assert "It came back 6 times." in error.traceback


def test_task_that_has_succeeded_is_not_given_up(enqueue) -> None:
    result = enqueue(django_tasks.add, 1)

    give_up(result, PoisonedError("It came back 6 times."))

    assert (result.status, result.errors) == (TaskResultStatus.SUCCESSFUL, [])


def test_end_of_a_task_that_has_succeeded_is_told_once(enqueue) -> None:
    told: list[Any] = []

    def note(task_result: Any, **_: Any) -> None:
        told.append(task_result.status)

    task_finished.connect(note)
    give_up(enqueue(django_tasks.add, 1), PoisonedError("It came back 6 times."))
    task_finished.disconnect(note)

    assert told == [TaskResultStatus.SUCCESSFUL]


def test_attempt_that_fails_after_another_has_succeeded_changes_nothing() -> None:
    result = django_tasks.add.enqueue(1)
    slow = begin(result)
    store.succeed(begin(result, is_again=True), 1)

    store.fail(slow, ValueError("late"), is_final=True)

    result.refresh()
    assert (result.status, result.return_value) == (TaskResultStatus.SUCCESSFUL, 1)


@pytest.mark.parametrize(
    "end",
    [
        lambda row: store.succeed(row, 1),
        lambda row: store.fail(row, ValueError("no"), is_final=True),
    ],
)
def test_task_that_is_deleted_while_it_runs_stays_deleted(end: Callable[[Any], Any]) -> None:
    row = begin(django_tasks.add.enqueue(1))
    EnqueuedTask.objects.all().delete()

    end(row)

    assert not EnqueuedTask.objects.exists()


def test_task_whose_message_was_not_noted_is_not_sent_while_it_is_tried_again() -> None:
    result = django_tasks.add.enqueue(1)
    store.fail(begin(result), ConnectionError("away"), is_final=False)

    assert not store.to_send().exists()


def test_error_in_characters_that_no_database_takes_is_kept(enqueue) -> None:
    result = enqueue(django_tasks.fail_in_odd_characters)

    assert result.status == TaskResultStatus.FAILED
    [error] = result.errors
    assert r"ValueError: \x00 \ud800" in error.traceback


def test_task_whose_effect_another_worker_holds_is_ready_for_the_next_try() -> None:
    result = django_tasks.hold_effect.enqueue()
    Effect.objects.create(
        digest=digest_of(result.id),
        key=result.id,
        token=uuid4(),
        held_until=timezone.now() + timedelta(minutes=1),
    )
    states: list[str] = []

    def note(task_result: Any, **_: Any) -> None:
        states.append(task_result.status)

    task_finished.connect(note)
    tasks.django_task_run.apply((result.id,))
    task_finished.disconnect(note)

    result.refresh()
    assert (result.attempts, states) == (6, [TaskResultStatus.FAILED])


def test_listener_that_fails_does_not_change_the_outcome(enqueue) -> None:
    def fail(**_: Any) -> None:
        raise ConnectionError("away")

    task_finished.connect(fail)
    result = enqueue(django_tasks.fail)
    task_finished.disconnect(fail)

    assert result.attempts == 1
    assert [error.exception_class for error in result.errors] == [ValueError]


def test_results_are_deleted_by_age(enqueue, settings) -> None:
    old, young = (enqueue(django_tasks.add, number) for number in range(2))
    settings.DJANGO_TASKS_RETENTION_DAYS = 7
    EnqueuedTask.objects.filter(pk=old.id).update(finished_at=timezone.now() - timedelta(days=8))

    tasks.django_tasks_purge()

    with pytest.raises(TaskResultDoesNotExist):
        django_tasks.add.get_result(old.id)
    assert django_tasks.add.get_result(young.id).return_value == 1


@pytest.mark.parametrize("result_id", ["no-id", "", str(uuid4())])
def test_result_that_is_not_there(result_id: str) -> None:
    with pytest.raises(TaskResultDoesNotExist):
        django_tasks.add.get_result(result_id)


def test_result_of_another_task(enqueue) -> None:
    result = enqueue(django_tasks.add, 1)

    with pytest.raises(TaskResultMismatch):
        django_tasks.double.get_result(result.id)


@pytest.mark.django_db(transaction=True)
def test_coroutines_enqueue_and_read_too() -> None:
    async def enqueue_and_read() -> Any:
        result = await django_tasks.add.aenqueue(4)
        return await django_tasks.add.aget_result(result.id)

    assert async_to_sync(enqueue_and_read)().return_value == 4


def test_check_finds_nothing_wrong_with_the_settings() -> None:
    assert task_backends["default"].check() == []


@pytest.mark.parametrize(
    ("change", "ids"),
    [
        ({"QUEUES": ["default", "other"]}, ["django_tasks.E001"]),
        ({"QUEUES": []}, ["django_tasks.E001"]),
        ({"OPTIONS": {"a": 1}}, ["django_tasks.E002"]),
    ],
)
def test_check_reports_what_is_wrong(settings, change: dict[str, Any], ids: list[str]) -> None:
    settings.TASKS = {"default": settings.TASKS["default"] | change}

    assert [message.id for message in run_checks() if message.id.startswith("django_tasks")] == ids


def test_check_reports_a_missing_table(monkeypatch: pytest.MonkeyPatch) -> None:
    # Other settings for it would start all apps again.
    monkeypatch.setattr(apps, "is_installed", lambda name: name != "core.django_tasks")

    assert [message.id for message in task_backends["default"].check()] == ["django_tasks.E003"]


def test_retries_are_those_of_the_base_task() -> None:
    assert isinstance(tasks.django_task_run, BaseTask)
    assert tasks.django_task_run.max_retries == BaseTask.max_retries
