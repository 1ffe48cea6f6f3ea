"""Tasks that run in process leave letters too."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from celery import Celery, Task
from celery.exceptions import Reject, TimeLimitExceeded
from celery.signals import task_prerun
from django.db import OperationalError

from config.celery import app
from core.dead_letters import capture, services
from core.dead_letters.letters import PoisonedError
from core.dead_letters.models import DeadLetter, Reason, Redelivery
from core.identity.actor import acting_as
from core.jobs.tasks import BaseTask, task_give_up

pytestmark = pytest.mark.django_db


@pytest.fixture
def celery_app() -> Iterator[Celery]:
    """Return an app of the tests' own, in which errors of tasks do not reach who sends them."""
    other = Celery("tests", task_cls=BaseTask, set_as_current=False)
    other.conf.update(task_always_eager=True, task_ignore_result=True)
    yield other
    other.close()


def test_task_that_gives_up_leaves_one_letter_with_its_retries(celery_app: Celery) -> None:
    @celery_app.task(shared=False, name="fail", max_retries=2)
    def fail(number: int) -> None:
        raise OperationalError("away")

    result = fail.delay(7)

    letter = DeadLetter.objects.get()
    assert (letter.task, letter.task_id, letter.args) == ("fail", result.id, "[7]")
    assert (letter.reason, letter.retries) == (Reason.FAILED, 2)
    assert letter.error == "django.db.utils.OperationalError"


def test_letter_has_the_headers_of_who_caused_it(celery_app: Celery) -> None:
    @celery_app.task(shared=False)
    def fail() -> None:
        raise ValueError

    user_id = uuid4()
    with acting_as(user_id):
        fail.apply_async(headers={"other": "header"})

    letter = DeadLetter.objects.get()
    assert json.loads(letter.headers) == {"acting_user_id": str(user_id), "other": "header"}


def test_task_that_rejects_its_message_leaves_a_letter(celery_app: Celery) -> None:
    @celery_app.task(shared=False)
    def reject() -> None:
        raise Reject("no", requeue=False)

    reject.delay()

    assert DeadLetter.objects.get().reason == Reason.REJECTED


def test_task_that_puts_its_message_back_leaves_none(celery_app: Celery) -> None:
    @celery_app.task(shared=False)
    def put_back() -> None:
        raise Reject("later", requeue=True)

    put_back.delay()

    assert not DeadLetter.objects.exists()


def test_task_that_beat_asks_again_leaves_none(celery_app: Celery) -> None:
    @celery_app.task(shared=False, leaves_dead_letter=False)
    def fail() -> None:
        raise ValueError

    fail.delay()

    assert not DeadLetter.objects.exists()


def test_hook_of_a_task_that_gives_up_is_called_too(celery_app: Celery) -> None:
    told = []

    class Telling(BaseTask):
        abstract = True

        def on_given_up(self, error: BaseException, *, task_id: str, args: Any) -> None:
            told.append((str(error), task_id, list(args)))

    @celery_app.task(shared=False, base=Telling)
    def fail(number: int) -> None:
        raise ValueError("why")

    result = fail.delay(7)

    assert told == [("why", result.id, [7])]
    assert DeadLetter.objects.count() == 1


def test_hook_of_a_task_that_passed_its_hard_limit_is_called_by_a_task_of_its_own() -> None:
    """The main process of a worker, which tells of it, would wait for locks of who hangs."""
    told, ran = [], []

    class Telling(BaseTask):
        abstract = True

        def on_given_up(self, error: BaseException, *, task_id: str, args: Any) -> None:
            told.append((str(error), task_id, args))

    def note(*, task: Task[Any, Any], **_: Any) -> None:
        ran.append(task.name)

    @app.task(base=Telling, name="hang", shared=False)
    def hang(number: int) -> None: ...

    task_prerun.connect(note)
    try:
        hang.on_failure(TimeLimitExceeded(360), "the-id", [7])
    finally:
        task_prerun.disconnect(note)
        del app.tasks["hang"]

    assert told == [("TimeLimitExceeded(360,)", "the-id", [7])]
    assert ran == [task_give_up.name]


def test_hook_that_fails_costs_no_letter(
    celery_app: Celery, caplog: pytest.LogCaptureFixture
) -> None:
    class Telling(BaseTask):
        abstract = True

        def on_given_up(self, error: BaseException, *, task_id: str, args: Any) -> None:
            raise ZeroDivisionError

    @celery_app.task(shared=False, base=Telling, name="fail")
    def fail() -> None:
        raise ValueError("why")

    result = fail.delay()

    assert DeadLetter.objects.get().message == "why"
    assert f"fail[{result.id}] could not note that it failed." in caplog.text


def test_texts_that_a_database_would_refuse_are_kept(celery_app: Celery) -> None:
    @celery_app.task(shared=False)
    def fail(text: str) -> None:
        raise ValueError(text)

    fail.delay("a\x00b\ud800")

    letter = DeadLetter.objects.get()
    assert letter.message == "a\\x00b\\ud800"
    assert letter.args == r'["a\u0000b\ud800"]'


@pytest.fixture
def redelivered(celery_app: Celery) -> Iterator[Task[Any, Any]]:
    """Return a task whose message was delivered before."""

    @celery_app.task(shared=False)
    def work() -> None: ...

    work.push_request(id="the-task", delivery_info={"redelivered": True}, called_directly=False)
    yield work
    work.pop_request()


def test_message_that_comes_back_too_often_is_not_run(redelivered, settings) -> None:
    settings.TASK_REDELIVERY_LIMIT = 2
    redelivered()
    redelivered()

    with pytest.raises(PoisonedError):
        redelivered()


def test_message_that_a_worker_ended_counts_from_the_beginning(redelivered) -> None:
    redelivered()

    capture.on_end(sender=redelivered, task_id="the-task", retval=None, state="SUCCESS")

    assert not Redelivery.objects.exists()


@pytest.mark.parametrize("state", [None, "REJECTED"])
def test_message_that_nobody_ended_is_counted_on(redelivered, state) -> None:
    redelivered()

    capture.on_end(sender=redelivered, task_id="the-task", retval=None, state=state)

    assert services.redelivery_count(task_id="the-task") == 2


def test_task_that_nobody_delivered_before_costs_no_query(
    celery_app: Celery, django_assert_num_queries
) -> None:
    @celery_app.task(shared=False)
    def work() -> None: ...

    with django_assert_num_queries(0):
        work.delay()
