import os
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.utils import timezone

from core.exchange import progress, registry, runner
from core.exchange.models import ExchangeJob
from core.exchange.services import RequestedExchange, exchange_job_create
from core.exchange.tasks import exchange_job_run, exchange_purge, exchange_resume
from core.progress import counts
from core.progress.models import Status
from tests.factories.users import UserFactory
from tests.integration.core.exchange.conftest import (
    GroupResource,
    faults,
    make_export,
    make_import,
    run,
)

pytestmark = pytest.mark.django_db


def test_job_that_a_killed_worker_left_is_done():
    job = run(make_import("name\na\n", status=Status.RUNNING))

    assert job.status == Status.SUCCEEDED
    assert Group.objects.filter(name="a").exists()


def test_job_fails_when_there_is_no_further_try():
    job = make_import("name\na\n", resource="unknown")

    exchange_job_run.apply((str(job.pk),), throw=False)
    job.refresh_from_db()

    assert (job.status, faults(job)) == (Status.FAILED, [(None, "", "not_finished")])


def test_job_that_kills_whoever_does_it_ends():
    job = run(make_import("name\na\n", attempts=runner.ATTEMPTS_MAXIMUM))

    assert (job.status, faults(job)) == (Status.FAILED, [(None, "", "not_finished")])
    assert not Group.objects.filter(name="a").exists()


def test_job_that_has_succeeded_does_not_fail_any_more():
    job = make_export(status=Status.SUCCEEDED)

    runner.fail(job.pk)

    job.refresh_from_db()
    assert (job.status, faults(job)) == (Status.SUCCEEDED, [])


@pytest.mark.parametrize("make", [make_export, lambda: make_import("name\na\n")])
def test_job_of_who_may_no_longer_exchange_fails(make):
    registry.register("groups", GroupResource, lambda *, user: False)

    job = run(make())

    assert (job.status, faults(job)) == (Status.FAILED, [(None, "", "permission_denied")])
    assert not Group.objects.filter(name="a").exists()


def test_job_of_nobody_fails():
    job = run(make_export(created_by=None))

    assert (job.status, faults(job)) == (Status.FAILED, [(None, "", "permission_denied")])


def test_progress_is_known_while_a_job_runs(monkeypatch):
    monkeypatch.setattr(counts, "EVERY_SECONDS", 0)
    job = make_export(status=Status.RUNNING, rows_total=8)
    running = counts.Progress(job.pk)

    for _ in range(4):
        running.advance()

    assert (progress.rows_done(job), progress.percent_done(job)) == (4, 50)


def test_job_is_done_and_shown_while_the_cache_is_away(settings):
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:1/0",
        }
    }
    running = make_export(status=Status.RUNNING, rows_total=4, rows_done=2)

    job = run(make_import("name\na\n"))

    assert job.status == Status.SUCCEEDED
    assert progress.percent_done(running) == 50


@pytest.mark.parametrize(
    ("status", "total", "percent"),
    [
        (Status.PENDING, None, None),
        (Status.RUNNING, 0, 0),
        (Status.SUCCEEDED, 0, 100),
        (Status.FAILED, 10, 0),
    ],
)
def test_percent_of_a_job(status, total, percent):
    assert progress.percent_done(make_export(status=status, rows_total=total)) == percent


def test_jobs_whose_messages_were_lost_are_done():
    lost, waiting, ended = make_export(), make_export(), make_export(status=Status.FAILED)
    since = timezone.now() - runner.LOST_AFTER - timedelta(minutes=1)
    ExchangeJob.objects.filter(pk__in=[lost.pk, ended.pk]).update(updated_at=since)

    exchange_resume.delay()

    statuses = ExchangeJob.objects.in_bulk([lost.pk, waiting.pk, ended.pk])
    assert [statuses[job.pk].status for job in (lost, waiting, ended)] == [
        Status.SUCCEEDED,
        Status.PENDING,
        Status.FAILED,
    ]


def left(count):
    """Return jobs whose messages seem lost."""
    jobs = [make_export() for _ in range(count)]
    since = timezone.now() - runner.LOST_AFTER - timedelta(minutes=1)
    ExchangeJob.objects.update(updated_at=since)
    return jobs


def test_message_of_a_job_that_waits_in_a_queue_is_sent_again_once_an_hour():
    [waiting] = left(1)

    asked = [list(runner.take_lost()) for _ in range(2)]

    assert asked == [[waiting.pk], []]


def test_of_two_who_look_for_lost_jobs_at_once_one_gets_each():
    first, second = left(2)
    slow = runner.take_lost()

    taken = [next(slow), *runner.take_lost(), *slow]

    assert taken == [first.pk, second.pk]


def test_exchange_purge_deletes_old_jobs_with_their_files_and_faults(storage, settings):
    settings.EXCHANGE_RETENTION_HOURS = 2
    old, recent = run(make_import("name\n,b\n")), make_import("name\nwriters\n")
    age = timedelta(hours=2, minutes=1)
    ExchangeJob.objects.filter(pk=old.pk).update(created_at=timezone.now() - age)

    exchange_purge.delay()

    assert list(ExchangeJob.objects.all()) == [recent]
    assert [file.read_text() for file in storage.rglob("*.csv")] == ["name\nwriters\n"]


def make_old(*jobs):
    """Let the time of jobs be up."""
    age = timedelta(hours=3)
    keys = [job.pk for job in jobs]
    ExchangeJob.objects.filter(pk__in=keys).update(created_at=timezone.now() - age)


def write_long_ago(path):
    """Let a file be as old as a job whose time is up."""
    then = (timezone.now() - timedelta(hours=3)).timestamp()
    os.utime(path, (then, then))


def test_job_whose_file_cannot_be_deleted_keeps_no_other_from_being_deleted(
    storage, settings, caplog
):
    settings.EXCHANGE_RETENTION_HOURS = 2
    jobs = [make_import("name\na\n") for _ in range(3)]
    make_old(*jobs)
    stuck = storage / jobs[1].file.name
    stuck.unlink()
    # No storage deletes a folder with something in it, not even for root.
    (stuck / "something").mkdir(parents=True)

    purged = exchange_purge.apply(throw=False)

    assert isinstance(purged.result, runner.PurgeError)
    assert list(ExchangeJob.objects.all()) == [jobs[1]]
    assert f"The file of job {jobs[1].pk} could not be deleted." in caplog.text
    (stuck / "something").rmdir()
    exchange_purge.delay()
    assert not ExchangeJob.objects.exists()


def test_purge_that_was_killed_between_a_file_and_its_job_is_ended_by_the_next(storage, settings):
    settings.EXCHANGE_RETENTION_HOURS = 2
    job = make_import("name\na\n")
    make_old(job)
    (storage / job.file.name).unlink()

    exchange_purge.delay()

    assert not ExchangeJob.objects.exists()


def test_upload_that_was_rolled_back_is_deleted_when_the_time_of_its_job_would_be_up(
    storage, settings
):
    settings.EXCHANGE_RETENTION_HOURS = 2
    for age in ("old", "recent"):
        file = SimpleUploadedFile("a.csv", f"name\n{age}\n".encode())
        asked = RequestedExchange(direction="import", resource="groups", format="csv", file=file)
        with transaction.atomic():
            exchange_job_create(user=UserFactory(roles=[]), asked=asked)
            transaction.set_rollback(True)
        if age == "old":
            [old] = storage.rglob("*.csv")
            write_long_ago(old)

    exchange_purge.delay()

    assert [file.read_text() for file in storage.rglob("*.csv")] == ["name\nrecent\n"]


def test_file_of_a_job_whose_time_is_not_up_stays_however_old_it_is(storage, settings):
    settings.EXCHANGE_RETENTION_HOURS = 2
    file = storage / make_import("name\na\n").file.name
    write_long_ago(file)

    exchange_purge.delay()

    assert file.exists()
