"""A worker runs what is enqueued through django.tasks."""

import pytest
from django.db import transaction
from django.tasks import Task, TaskResult, TaskResultStatus
from django.utils import timezone

from core.identity.actor import acting_as
from core.identity.origin import Origin, originating_from
from tests.e2e import django_tasks
from tests.e2e.processes import Process, wait_for
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
