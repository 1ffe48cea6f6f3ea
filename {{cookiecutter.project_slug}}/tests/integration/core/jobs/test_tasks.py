"""Tasks act for whom they were sent, and are tried again after faults that pass."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from uuid import UUID, uuid4

import pytest
from celery import Celery, Task
from celery.exceptions import Retry
from django.conf import settings
from django.db import OperationalError, transaction

from config.celery import app
from core.identity.actor import acting_as, current_user_id
from core.identity.origin import Origin, current_origin, originating_from
from core.identity.trace import Trace, current_trace, traced
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


def test_task_belongs_to_the_request_that_caused_it(celery_app: Celery) -> None:
    @celery_app.task(shared=False)
    def note_origin() -> None:
        ran.append(current_origin())

    @celery_app.task(shared=False)
    def send_note() -> None:
        note_origin.delay()

    origin = Origin("the-request", "192.0.2.1")
    with originating_from(origin):
        note_origin.delay()
        send_note.delay()

    assert ran == [origin, origin]


def test_task_that_no_request_caused_is_an_origin_itself(celery_app: Celery) -> None:
    @celery_app.task(shared=False)
    def note_origin() -> None:
        ran.append(current_origin())

    result = note_origin.delay()

    assert ran == [Origin(request_id=result.id)]
    assert current_origin() == Origin()


@pytest.fixture
def note_trace(celery_app: Celery) -> Task[Any, Any]:
    @celery_app.task(bind=True, shared=False)
    def note_trace(self: Task[Any, Any]) -> None:
        ran.append(current_trace())
        if self.request.retries < 2:
            raise ConnectionError

    return note_trace


def test_task_and_its_retries_belong_to_the_trace_of_the_sender(
    note_trace: Task[Any, Any],
) -> None:
    trace = Trace(trace_id="a" * 32, span_id="b" * 16, flags="01", state="vendor=1")
    with traced(trace):
        note_trace.delay()

    assert [(part.trace_id, part.flags, part.state) for part in ran] == [
        (trace.trace_id, "01", "vendor=1")
    ] * 3
    assert len({trace.span_id, *(part.span_id for part in ran)}) == 4


def test_task_that_no_trace_caused_begins_one(celery_app: Celery) -> None:
    @celery_app.task(shared=False)
    def note_trace() -> None:
        ran.append(current_trace())

    @celery_app.task(shared=False)
    def send_note() -> None:
        ran.append(current_trace())
        note_trace.delay()

    send_note.delay()

    first, second = ran
    assert first.trace_id == second.trace_id
    assert current_trace() is None


@pytest.mark.django_db
def test_arguments_that_are_no_json_are_refused_where_the_task_is_sent(
    note_actor: Task[Any, Any], django_capture_on_commit_callbacks
) -> None:
    user_id = uuid4()
    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        for send in (note_actor.delay, note_actor.delay_on_commit):
            with pytest.raises(TypeError, match=r"note_actor was given a uuid.UUID"):
                send(user_id)
        for send in (note_actor.apply_async, note_actor.apply_async_on_commit):
            with pytest.raises(TypeError, match=r"note_actor was given a uuid.UUID"):
                send(kwargs={"text": user_id})
            with pytest.raises(ValueError, match="bytes of arguments"):
                send(["x" * settings.TASK_ARGUMENTS_MAX_BYTES])

    assert (callbacks, ran) == ([], [])


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
            raise error("over soon")

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


@pytest.mark.parametrize(("retries", "longest"), [(0, 2), (1, 4), (2, 8), (3, 16), (4, 32)])
def test_retry_waits_any_part_of_a_span_that_doubles(
    celery_app: Celery, retries: int, longest: int
) -> None:
    """Of 30 draws for each value, one that is missing would be the wonder of 10**11 runs."""

    class NotingTask(BaseTask):
        abstract = True

        def retry(self, *args: Any, countdown: Any = None, **kwargs: Any) -> Any:
            ran.append(countdown)
            raise Retry

    @celery_app.task(base=NotingTask, shared=False)
    def fail() -> None:
        raise OperationalError

    fail.push_request(retries=retries)
    for _ in range(30 * (longest + 1)):
        with suppress(Retry):
            fail.run()

    assert set(ran) == set(range(longest + 1))


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


def test_longest_task_ends_before_its_message_is_delivered_again() -> None:
    options = settings.CELERY_BROKER_TRANSPORT_OPTIONS

    assert settings.CELERY_TASK_SOFT_TIME_LIMIT < settings.CELERY_TASK_TIME_LIMIT
    assert options.get("visibility_timeout", float("inf")) > settings.CELERY_TASK_TIME_LIMIT
    assert options.get("visibility_timeout", float("inf")) > BaseTask.retry_backoff_max


def test_queues_are_declared_by_name() -> None:
    assert [queue.name for queue in settings.CELERY_TASK_QUEUES] == list(Queue)
    assert {queue.routing_key for queue in settings.CELERY_TASK_QUEUES} == set(Queue)
