"""A worker runs what is enqueued through django.tasks."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from celery.exceptions import TimeLimitExceeded
from django.db import transaction
from django.tasks import Task, TaskResult, TaskResultStatus
from django.utils import timezone

from core.dead_letters.letters import PoisonedError
from core.django_tasks import store, tasks
from core.django_tasks.models import EnqueuedTask
from core.identity.actor import acting_as
from core.identity.origin import Origin, originating_from
from tests.e2e import django_tasks
from tests.e2e.processes import Launcher, Process, wait_for
from tests.factories.users import UserFactory


def finished(result: TaskResult) -> TaskResult:
    def is_finished() -> bool:
        result.refresh()
        return result.is_finished

    wait_for(is_finished, "the end of the task")
    return result


@pytest.mark.parametrize("priority", [0, 50, -50])
def test_task_runs_in_a_worker_after_the_commit(worker: Process, priority: int) -> None:
    with transaction.atomic():
        result = django_tasks.add.using(priority=priority).enqueue(2, second=3)

    assert finished(result).return_value == 5
    assert result.worker_ids[0].startswith("e2e-")


@pytest.mark.parametrize(
    ("task", "value"),
    [
        (django_tasks.double.using(run_after=timezone.now()), 42),
        (django_tasks.add.using(queue_name="bulk"), 21),
    ],
)
def test_task_may_be_deferred_async_or_in_another_queue(
    worker: Process, task: Task, value: int
) -> None:
    assert finished(task.enqueue(21)).return_value == value


@pytest.mark.parametrize(
    ("chosen", "queue"),
    [
        ({}, "default"),
        ({"priority": 50}, "critical"),
        ({"priority": -50}, "bulk"),
        ({"queue_name": "bulk", "priority": 50}, "bulk"),
    ],
)
def test_task_comes_by_the_queue_that_it_or_its_priority_chose(
    worker: Process, chosen: dict[str, Any], queue: str
) -> None:
    result = django_tasks.queue_it_came_by.using(**chosen).enqueue()

    assert finished(result).return_value == queue


def test_task_acts_for_the_user_who_enqueued_it(worker: Process) -> None:
    user = UserFactory()
    with acting_as(user.pk), originating_from(Origin("request-1")):
        result = django_tasks.identity.enqueue()

    assert finished(result).return_value == {
        "user": str(user.pk),
        "request": "request-1",
        "attempt": 1,
    }


def test_failures_are_kept_and_tried_again_if_they_may_pass(worker: Process) -> None:
    failing, passing = django_tasks.fail.enqueue(), django_tasks.fail_once.enqueue()

    assert finished(failing).status == TaskResultStatus.FAILED
    assert [error.exception_class for error in failing.errors] == [ValueError]
    assert finished(passing).return_value == "done"
    assert [error.exception_class for error in passing.errors] == [ConnectionError]
    assert passing.attempts == 2


@pytest.mark.slow
def test_task_that_kills_its_process_fails_and_is_not_sent_again(
    launcher_alone: Launcher, tmp_path: Path
) -> None:
    launcher_alone.worker(TASK_REDELIVERY_LIMIT="1")
    journal = tmp_path / "journal"
    result = django_tasks.kill_process.enqueue(str(journal))

    assert finished(result).status == TaskResultStatus.FAILED
    assert [error.exception_class for error in result.errors] == [PoisonedError]
    assert (len(journal.read_text().splitlines()), result.attempts) == (2, 2)
    row = EnqueuedTask.objects.filter(pk=result.id)
    long_ago = timezone.now() - 2 * store.LOST_AFTER
    row.update(last_attempted_at=long_ago, sent_at=long_ago)
    tasks.django_tasks_send()
    assert row.get().sent_at == long_ago


def test_task_beyond_its_hard_time_limit_fails(worker: Process) -> None:
    # Not due, so that no message goes out but one with limits shorter than the settings have.
    result = django_tasks.hang.using(run_after=timezone.now() + timedelta(hours=1)).enqueue()
    tasks.django_task_run.apply_async((result.id,), soft_time_limit=1, time_limit=2)

    assert finished(result).status == TaskResultStatus.FAILED
    assert [error.exception_class for error in result.errors] == [TimeLimitExceeded]
    assert result.attempts == 1
