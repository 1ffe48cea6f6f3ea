"""Connections to the database end while a task of Django is enqueued, begun and ended."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction
from django.tasks import TaskResultStatus, task
from django.tasks.signals import task_finished, task_started
from django.utils import timezone

from core.django_tasks import store, tasks
from core.django_tasks.models import EnqueuedTask
from tests.cuts import cut_all_connections, leave_idle_connections
from tests.e2e import django_tasks
from tests.lost_answers import Proxy, lost_answers

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has no server"),
]


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    with lost_answers() as proxy:
        yield proxy


@pytest.fixture
def told() -> Iterator[list[Any]]:
    """Return what the signals tell: that a task began, and what became of it."""
    told: list[Any] = []

    def note(task_result: Any, **_: Any) -> None:
        told.append(task_result.status)

    for signal in (task_started, task_finished):
        signal.connect(note)
    yield told
    for signal in (task_started, task_finished):
        signal.disconnect(note)


BEGAN, DONE, FAILED = (
    TaskResultStatus.RUNNING,
    TaskResultStatus.SUCCESSFUL,
    TaskResultStatus.FAILED,
)


@pytest.fixture
def cut_at(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Return what has all connections end right before a write of the store, so many times."""

    def cut_at(write: str, *, times: int) -> None:
        original = getattr(store, write)
        cuts = [cut_all_connections] * times

        def cut_and_write(*args: Any, **kwargs: Any) -> Any:
            leave_idle_connections()
            if cuts:
                cuts.pop()()
            return original(*args, **kwargs)

        monkeypatch.setattr(store, write, cut_and_write)

    return cut_at


@task
def cut_off(then: str) -> str:
    """Do what leaves no connection, and return; or fail for good."""
    leave_idle_connections()
    with suppress(OperationalError):
        cut_all_connections()
    if then == "fail":
        raise ValueError("no")
    return then


def enqueue(task: Any, *args: Any) -> Any:
    """Return what came of a task, which runs in this process."""
    result = task.enqueue(*args)
    result.refresh()
    return result


def test_task_that_was_enqueued_without_knowing_is_sent_and_runs_once(
    proxy: Proxy, told: list[Any]
) -> None:
    proxy.lose_answer("COMMIT")
    with pytest.raises(OperationalError), transaction.atomic():
        django_tasks.add.enqueue(1)
    assert (proxy.lost, told) == (["COMMIT"], [])

    tasks.django_tasks_send()
    tasks.django_tasks_send()

    assert told == [BEGAN, DONE]
    assert EnqueuedTask.objects.get().return_value == 1


def test_sending_goes_on_over_another_connection(cut_at, told: list[Any]) -> None:
    for number in range(2):
        django_tasks.add.using(run_after=timezone.now() + timedelta(hours=1)).enqueue(number)
    EnqueuedTask.objects.update(run_after=timezone.now())
    cut_at("mark_sent", times=1)

    tasks.django_tasks_send()

    assert told == [BEGAN, DONE] * 2


@pytest.mark.parametrize("statement", ["UPDATE", "COMMIT"])
def test_task_that_was_begun_without_knowing_runs_once(
    proxy: Proxy, told: list[Any], statement: str
) -> None:
    with transaction.atomic():
        transaction.on_commit(lambda: proxy.lose_answer(statement))
        result = django_tasks.add.enqueue(1)

    result.refresh()
    assert proxy.lost == [statement]
    assert (result.return_value, result.attempts, told) == (1, 1, [BEGAN, DONE])


def test_task_that_ended_without_knowing_runs_once(proxy: Proxy, told: list[Any]) -> None:
    task_started.connect(lambda **_: proxy.lose_answer("UPDATE"), weak=False, dispatch_uid="lose")
    try:
        result = enqueue(django_tasks.add, 1)
    finally:
        task_started.disconnect(dispatch_uid="lose")

    assert proxy.lost == ["UPDATE"]
    assert (result.return_value, result.attempts, told) == (1, 1, [BEGAN, DONE])


def test_task_that_leaves_no_connection_has_succeeded(told: list[Any]) -> None:
    result = enqueue(cut_off, "end")

    assert (result.return_value, result.attempts, told) == ("end", 1, [BEGAN, DONE])


def test_task_that_fails_for_good_and_leaves_no_connection_has_failed(told: list[Any]) -> None:
    result = enqueue(cut_off, "fail")

    assert (result.status, result.attempts, told) == (FAILED, 1, [BEGAN, FAILED])
    assert [error.exception_class for error in result.errors] == [ValueError]


def test_task_that_cannot_begin_has_not_failed_and_is_sent_again(
    cut_at, monkeypatch: pytest.MonkeyPatch, told: list[Any]
) -> None:
    monkeypatch.setattr(tasks.django_task_run, "max_retries", 0)
    cut_at("begin", times=2)
    result = enqueue(django_tasks.add, 1)
    assert (result.status, result.attempts) == (TaskResultStatus.READY, 0)
    EnqueuedTask.objects.update(sent_at=timezone.now() - store.LOST_AFTER)

    tasks.django_tasks_send()

    result.refresh()
    assert (result.return_value, told) == (1, [BEGAN, DONE])


def test_error_that_cannot_be_written_stays_the_error_of_the_task(
    cut_at, monkeypatch: pytest.MonkeyPatch, told: list[Any]
) -> None:
    monkeypatch.setattr(tasks, "OUTCOME_SECONDS", 0)
    cut_at("fail", times=2)

    result = enqueue(django_tasks.fail)

    # Written by the hook, when the task was given up.
    assert (result.status, result.attempts, told) == (FAILED, 1, [BEGAN, FAILED])
    assert [error.exception_class for error in result.errors] == [ValueError]


def test_work_that_is_done_is_written_when_the_task_is_given_up(
    cut_at, monkeypatch: pytest.MonkeyPatch, told: list[Any]
) -> None:
    monkeypatch.setattr(tasks, "OUTCOME_SECONDS", 0)
    monkeypatch.setattr(tasks.django_task_run, "max_retries", 0)
    cut_at("succeed", times=2)

    result = enqueue(django_tasks.add, 1)

    assert (result.return_value, result.errors, told) == (1, [], [BEGAN, DONE])


def test_work_that_is_done_and_cannot_be_written_is_done_again_but_has_not_failed(
    cut_at, monkeypatch: pytest.MonkeyPatch, told: list[Any]
) -> None:
    monkeypatch.setattr(tasks, "OUTCOME_SECONDS", 0)
    cut_at("succeed", times=2)

    result = enqueue(django_tasks.add, 1)

    assert (result.return_value, result.attempts) == (1, 2)
    assert (result.errors, told) == ([], [BEGAN, BEGAN, DONE])
