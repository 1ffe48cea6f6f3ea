"""Tasks act for whom they were sent, and are tried again after faults that pass."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from celery import Celery, Task
from django.conf import settings
from django.db import OperationalError, transaction

from config.celery import app
from core.identity.actor import acting_as, current_user_id
from core.jobs.queues import Queue
from core.jobs.tasks import TRANSIENT_ERRORS, BaseTask

ran: list[Any] = []


@pytest.fixture
def celery_app() -> Iterator[Celery]:
    """Return an app of the tests' own, so that the service's does not learn of their tasks."""
    ran.clear()
    other = Celery("tests", task_cls=BaseTask, set_as_current=False)
    other.conf.update(task_always_eager=True, task_ignore_result=True)
    yield other
    other.close()


@pytest.fixture
def note_actor(celery_app: Celery) -> Task[Any, Any]:
    @celery_app.task(shared=False)
    def note_actor(text: str = "") -> UUID | None:
        ran.append((text, current_user_id()))
        return current_user_id()

    return note_actor


def test_task_acts_for_the_user_who_sends_it(note_actor: Task[Any, Any]) -> None:
    user_id = uuid4()

    with acting_as(user_id):
        note_actor.delay()
        note_actor.apply_async(("positional",))
        note_actor.apply_async(kwargs={"text": "by name"}, headers={"other": "header"})
    note_actor.delay("nobody")

    assert ran == [("", user_id), ("positional", user_id), ("by name", user_id), ("nobody", None)]


def test_task_that_is_called_as_a_function_acts_for_its_caller(note_actor: Task[Any, Any]) -> None:
    user_id = uuid4()

    with acting_as(user_id):
        assert note_actor() == user_id


@pytest.mark.django_db
def test_task_is_sent_after_the_commit_and_for_the_same_user(
    note_actor: Task[Any, Any], django_capture_on_commit_callbacks
) -> None:
    user_id = uuid4()

    with acting_as(user_id), django_capture_on_commit_callbacks(execute=True):
        note_actor.delay_on_commit("after")
        assert ran == []

    assert ran == [("after", user_id)]


@pytest.mark.django_db
def test_broker_that_is_away_fails_nothing_that_was_committed(
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks,
) -> None:
    monkeypatch.delenv("CELERY_BROKER_URL", raising=False)  # Celery looks there first.
    away = Celery("away", broker="amqp://127.0.0.1:1//", task_cls=BaseTask, set_as_current=False)

    @away.task(shared=False)
    def never_sent() -> None: ...

    with django_capture_on_commit_callbacks(execute=True):
        never_sent.delay_on_commit()

    assert "Error calling" in caplog.text
    away.close()


@pytest.mark.django_db
def test_task_of_a_rolled_back_transaction_is_never_sent(
    note_actor: Task[Any, Any], django_capture_on_commit_callbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        note_actor.delay_on_commit()
        transaction.set_rollback(True)

    assert ran == []


@pytest.mark.parametrize("error", TRANSIENT_ERRORS)
def test_passing_fault_is_tried_again_for_the_same_user(
    celery_app: Celery, error: type[Exception]
) -> None:
    @celery_app.task(bind=True, shared=False)
    def fail_twice(self: Task[Any, Any]) -> None:
        ran.append((self.request.retries, current_user_id()))
        if self.request.retries < 2:
            raise error

    user_id = uuid4()
    with acting_as(user_id):
        fail_twice.delay()

    assert ran == [(0, user_id), (1, user_id), (2, user_id)]


def test_fault_that_does_not_pass_fails_the_task_in_the_end(celery_app: Celery) -> None:
    @celery_app.task(shared=False)
    def fail() -> None:
        ran.append(None)
        raise OperationalError

    result = fail.delay()

    assert isinstance(result.result, OperationalError)
    assert len(ran) == 1 + BaseTask.max_retries


def test_other_faults_fail_the_task_at_once(celery_app: Celery) -> None:
    @celery_app.task(shared=False)
    def fail() -> None:
        ran.append(None)
        raise ValueError

    result = fail.delay()

    assert isinstance(result.result, ValueError)
    assert len(ran) == 1


def own_tasks() -> list[Task[Any, Any]]:
    app.loader.import_default_modules()
    return [task for name, task in app.tasks.items() if not name.startswith("celery.")]


@pytest.mark.django_db  # Celery runs Django's checks, some of which ask the database.
def test_every_task_of_the_service_has_the_base_and_one_of_the_queues() -> None:
    tasks = own_tasks()

    assert tasks
    for task in tasks:
        assert isinstance(task, BaseTask), task.name
        assert getattr(task, "queue", Queue.DEFAULT) in set(Queue), task.name


@pytest.mark.django_db
def test_every_periodic_task_exists() -> None:
    names = {task.name for task in own_tasks()}

    assert {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()} <= names


def test_longest_task_ends_before_its_message_is_delivered_again() -> None:
    options = settings.CELERY_BROKER_TRANSPORT_OPTIONS

    assert settings.CELERY_TASK_SOFT_TIME_LIMIT < settings.CELERY_TASK_TIME_LIMIT
    assert options.get("visibility_timeout", float("inf")) > settings.CELERY_TASK_TIME_LIMIT
    assert options.get("visibility_timeout", float("inf")) > BaseTask.retry_backoff_max


def test_queues_are_declared_by_name() -> None:
    assert [queue.name for queue in settings.CELERY_TASK_QUEUES] == list(Queue)
    assert {queue.routing_key for queue in settings.CELERY_TASK_QUEUES} == set(Queue)
