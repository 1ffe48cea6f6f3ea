"""What becomes of a tracked task stands in its row, whatever happens."""

from datetime import timedelta

import pytest
from celery import Celery
from django.db import OperationalError, transaction
from django.utils import timezone

from core.errors import ConflictError
from core.identity.actor import acting_as
from core.progress import runs
from core.progress.models import Status, TaskRun
from core.progress.tasks import TrackedTask, progress_tidy
from tests.integration.core.progress.conftest import AWAY, run_again
from tests.integration.core.progress.urls import count

pytestmark = pytest.mark.django_db


class FullError(ConflictError):
    code = "full"


def test_row_is_written_with_what_the_sender_writes(user, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        with acting_as(user.pk), transaction.atomic():
            count.delay_on_commit()
            transaction.set_rollback(True)
        with acting_as(user.pk):
            waiting = count.delay_on_commit()
        found = TaskRun.objects.get()

    assert (found, found.created_by, found.name) == (waiting, user, "count")
    assert (found.status, found.started_at, found.ended_at) == (Status.PENDING, None, None)
    assert len(callbacks) == 1


def test_row_tells_of_the_run_and_of_its_end(send, seen):
    run = send(3)

    [running] = seen.runs
    assert (running.status, running.done, running.total) == (Status.RUNNING, 1, 3)
    assert running.ended_at is None
    assert (run.status, run.done, run.total, run.code) == (Status.SUCCEEDED, 3, 3, "")
    assert run.created_at <= run.started_at == running.started_at <= run.ended_at


def test_row_costs_two_statements_for_each_run(send, django_assert_num_queries):
    run = send()
    TaskRun.objects.update(status=Status.PENDING)

    with django_assert_num_queries(3):  # Begin; look, which the task does itself; succeed.
        count.apply(task_id=str(run.pk))


def test_name_for_clients_may_differ_from_the_function(celery_app):
    @celery_app.task(base=TrackedTask, shared=False, public_name="recount")
    def other() -> None: ...

    assert other.delay_on_commit().name == "recount"


@pytest.fixture
def celery_app():
    app = Celery("others", set_as_current=False)
    app.conf.update(task_always_eager=True)
    yield app
    app.close()


def test_task_that_is_tried_again_succeeds_in_the_end(send, seen):
    seen.failures[:] = [ConnectionError("away"), ConnectionError("away")]

    run = send()

    assert [one.status for one in seen.runs] == [Status.RUNNING] * 3
    assert {one.started_at for one in seen.runs} == {run.started_at}
    assert (run.status, run.done, run.code) == (Status.SUCCEEDED, 3, "")


@pytest.mark.parametrize(
    ("failures", "code"),
    [
        ([ValueError("a secret")], "error"),
        ([FullError("Nothing fits in.")], "full"),
        ([ConnectionError("away")] * 6, "error"),
    ],
)
def test_task_that_gives_up_has_failed_and_tells_a_code_alone(send, seen, failures, code):
    seen.failures[:] = failures

    run = send(5)

    assert (run.status, run.code, run.done, run.total) == (Status.FAILED, code, 1, 5)
    assert run.ended_at is not None


@pytest.mark.parametrize("status", [Status.RUNNING, Status.FAILED])
def test_message_that_comes_again_is_run_and_succeeds(send, seen, status):
    run = send()
    TaskRun.objects.update(status=status, code="error")
    started_at = run.started_at

    run = run_again(run)

    assert [one.code for one in seen.runs] == ["", ""]
    assert (run.status, run.code, run.started_at) == (Status.SUCCEEDED, "", started_at)


def test_message_that_comes_again_after_the_success_does_nothing(send, seen):
    run = send()
    seen.failures[:] = [ValueError()]
    version = run.version

    run = run_again(run)

    assert (run.status, run.version, len(seen.runs)) == (Status.SUCCEEDED, version, 1)


def test_failure_after_the_success_changes_nothing(send):
    run = send()

    count.on_given_up(ValueError(), task_id=str(run.pk), args=[])

    run.refresh_from_db()
    assert run.status == Status.SUCCEEDED


def test_task_that_nobody_asks_about_runs_without_a_row(seen):
    assert count.delay().state == "SUCCESS"
    assert count(3) is None
    assert TaskRun.objects.count() == 0


def test_task_that_the_broker_does_not_take_has_failed(
    monkeypatch, django_capture_on_commit_callbacks
):
    monkeypatch.delenv("CELERY_BROKER_URL", raising=False)  # Celery looks there first.
    away = Celery("away", broker="amqp://127.0.0.1:1//", set_as_current=False)

    @away.task(base=TrackedTask, shared=False)
    def never_sent() -> None: ...

    with django_capture_on_commit_callbacks(execute=True):
        run = never_sent.delay_on_commit()

    run.refresh_from_db()
    assert (run.status, run.code) == (Status.FAILED, "not_sent")
    away.close()


def test_database_that_is_away_at_the_end_has_the_task_tried_again(send, seen, monkeypatch):
    succeed = runs.succeed
    away = [OperationalError("away")]

    def away_once(*arguments):
        if away:
            raise away.pop()
        succeed(*arguments)

    monkeypatch.setattr(runs, "succeed", away_once)

    run = send()

    assert (run.status, len(seen.runs)) == (Status.SUCCEEDED, 2)


def test_cache_that_is_away_fails_no_task(send, seen, settings):
    settings.CACHES = AWAY

    run = send()

    assert (run.status, run.done, run.total) == (Status.SUCCEEDED, 3, 3)
    assert [(one.status, one.done, one.total) for one in seen.runs] == [(Status.RUNNING, 0, None)]


def test_tidy_ends_what_nobody_is_at_any_more():
    lost, running, waiting = (
        TaskRun.objects.create(name="count", status=status)
        for status in (Status.RUNNING, Status.RUNNING, Status.PENDING)
    )
    since = timezone.now() - runs.LOST_AFTER - timedelta(minutes=1)
    TaskRun.objects.filter(pk__in=[lost.pk, waiting.pk]).update(updated_at=since)

    progress_tidy.delay()

    found = TaskRun.objects.in_bulk()
    assert (found[lost.pk].status, found[lost.pk].code) == (Status.FAILED, "not_finished")
    assert found[lost.pk].ended_at is not None
    assert found[running.pk].status == Status.RUNNING
    assert found[waiting.pk].status == Status.PENDING


def test_tidy_ends_what_no_worker_has_begun_which_runs_all_the_same_when_it_comes(user):
    unsent = TaskRun.objects.create(name="count", created_by=user)
    since = timezone.now() - runs.UNSENT_AFTER - timedelta(minutes=1)
    TaskRun.objects.filter(pk=unsent.pk).update(updated_at=since)

    progress_tidy.delay()

    unsent.refresh_from_db()
    assert (unsent.status, unsent.code) == (Status.FAILED, "not_sent")
    run_again(unsent)
    assert (unsent.status, unsent.code) == (Status.SUCCEEDED, "")


def test_tidy_deletes_what_is_old(send, settings):
    settings.TASK_RUN_RETENTION_DAYS = 2
    old, recent = send(), send()
    age = timedelta(days=2, minutes=1)
    TaskRun.objects.filter(pk=old.pk).update(created_at=timezone.now() - age)

    progress_tidy.delay()

    assert list(TaskRun.objects.all()) == [recent]
