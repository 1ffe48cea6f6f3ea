from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.db import OperationalError
from django.utils import timezone

from apps.users.models import User
from core.exchange import files, progress, registry, runner
from core.exchange.models import ExchangeJob, Status
from core.exchange.resources import ExchangeResource
from core.exchange.tasks import exchange_job_run, exchange_purge
from core.identity.actor import acting_as
from tests.factories.users import UserFactory
from tests.integration.core.exchange.conftest import GroupResource

pytestmark = pytest.mark.django_db


class AccountResource(ExchangeResource):
    class Meta:
        model = User
        fields = ("email", "is_active")
        import_id_fields = ("email",)
        clean_model_instances = False


def make_import(content: str, resource: str = "groups", **fields: object) -> ExchangeJob:
    return ExchangeJob.objects.create(
        direction="import",
        resource=resource,
        format="csv",
        file=ContentFile(content.encode(), "import.csv"),
        **fields,
    )


def make_export(**fields: object) -> ExchangeJob:
    return ExchangeJob.objects.create(direction="export", resource="groups", format="csv", **fields)


def run(job: ExchangeJob) -> ExchangeJob:
    exchange_job_run.delay(str(job.pk))
    job.refresh_from_db()
    return job


def test_import_stores_nothing_when_a_row_is_wrong():
    Group.objects.create(name="readers")
    job = run(make_import(f"name\nwriters\n\n{'x' * 151}\n,\nreaders\n"))

    assert job.status == Status.FAILED
    assert job.errors == [
        {
            "row": 2,
            "field": "name",
            "message": "Ensure this value has at most 150 characters (it has 151).",
        }
    ]
    assert (job.rows_total, job.rows_done) == (3, 0)
    assert not Group.objects.filter(name="writers").exists()


def test_import_names_at_most_so_many_errors(monkeypatch):
    monkeypatch.setattr(runner, "ERRORS_MAXIMUM", 2)

    job = run(make_import("name\n" + f"{'x' * 151}\n" * 3))

    assert [error["row"] for error in job.errors] == [1, 2]


def test_import_without_the_column_that_finds_a_row_fails():
    job = run(make_import("title\nreaders\n"))

    assert job.status == Status.FAILED
    assert "name" in job.errors[0]["message"]


def test_import_of_what_is_no_table_fails():
    job = run(make_import(""))

    assert job.status == Status.FAILED
    assert job.rows_total is None
    assert [error["row"] for error in job.errors] == [None]


def test_import_says_nothing_of_what_went_wrong_inside(monkeypatch, caplog):
    class BrokenResource(GroupResource):
        def do_instance_save(self, instance: Group, *_: object) -> None:
            raise RuntimeError("secret of row")

    registry.register("broken", BrokenResource, lambda *, user: True)
    job = run(make_import("name\nreaders\n", resource="broken"))

    assert job.errors == [{"row": 1, "field": None, "message": "This row could not be stored."}]
    assert "secret of row" in caplog.text


def test_import_refuses_a_switch_that_is_neither_on_nor_off():
    registry.register("users", AccountResource, lambda *, user: True)
    job = run(make_import("email,is_active\na@example.com,perhaps\n", resource="users"))

    assert job.errors == [{"row": 1, "field": "is_active", "message": "Enter 1 or 0."}]


def test_import_delivered_twice_is_done_once(monkeypatch):
    job = run(make_import("name\nreaders\n"))
    Group.objects.filter(name="readers").delete()

    run(job)

    assert not Group.objects.filter(name="readers").exists()


def test_import_that_another_worker_has_done_meanwhile_is_left_alone():
    job = make_import("name\nreaders\n")
    ExchangeJob.objects.update(status=Status.SUCCEEDED)

    runner.run_import(job, GroupResource())

    assert not Group.objects.filter(name="readers").exists()


def test_job_that_a_killed_worker_left_is_done():
    job = run(make_import("name\nreaders\n", status=Status.RUNNING))

    assert job.status == Status.SUCCEEDED
    assert Group.objects.filter(name="readers").exists()


def test_import_is_tried_again_when_the_database_fails(monkeypatch):
    failures = [OperationalError("deadlock")]

    class UnluckyResource(GroupResource):
        def do_instance_save(self, instance: Group, *_: object) -> None:
            if failures:
                raise failures.pop()
            instance.save()

    registry.register("unlucky", UnluckyResource, lambda *, user: True)
    job = make_import("name\nreaders\n", resource="unlucky")
    exchange_job_run.apply((str(job.pk),), throw=False)
    job.refresh_from_db()

    assert job.status == Status.SUCCEEDED
    assert Group.objects.filter(name="readers").exists()


def test_job_fails_when_there_is_no_further_try():
    job = make_import("name\nreaders\n", resource="unknown")

    exchange_job_run.apply((str(job.pk),), throw=False)
    job.refresh_from_db()

    assert job.status == Status.FAILED
    assert [error["message"] for error in job.errors] == ["The job could not be finished."]


def test_job_that_has_succeeded_does_not_fail_any_more():
    job = make_export(status=Status.SUCCEEDED)

    runner.fail(job.pk)

    job.refresh_from_db()
    assert job.status == Status.SUCCEEDED


def test_import_stamps_rows_with_who_asked():
    user = UserFactory()
    registry.register("users", AccountResource, lambda *, user: True)
    with acting_as(user.pk):
        job = make_import("email\nnew@example.com\n", resource="users")
        run(job)

    assert User.objects.get(email="new@example.com").created_by == user


def test_export_of_too_many_rows_fails(monkeypatch):
    monkeypatch.setattr(files, "EXPORT_ROWS_MAXIMUM", 1)
    Group.objects.bulk_create([Group(name="a"), Group(name="b")])

    job = run(make_export())

    assert job.status == Status.FAILED
    assert [error["message"] for error in job.errors] == ["There are more than 1 rows."]


def test_export_costs_the_same_for_many_rows(django_assert_num_queries):
    Group.objects.bulk_create(Group(name=f"group {number}") for number in range(50))
    job = make_export()

    # The job, its start, the count, the total, the rows, the end.
    with django_assert_num_queries(6):
        runner.run(job.pk)


def test_progress_is_known_while_a_job_runs(monkeypatch):
    monkeypatch.setattr(progress, "EVERY_ROWS", 2)
    job = make_export(status=Status.RUNNING)
    count = progress.Progress(job.pk)

    for _ in range(5):
        count()

    assert progress.rows_done(job) == 4


def test_exchange_purge_deletes_old_jobs_with_their_files(storage):
    old, recent = make_import("name\nreaders\n"), make_import("name\nwriters\n")
    age = runner.RETENTION + timedelta(hours=1)
    ExchangeJob.objects.filter(pk=old.pk).update(created_at=timezone.now() - age)

    exchange_purge.delay()

    assert list(ExchangeJob.objects.all()) == [recent]
    assert [file.read_text() for file in storage.rglob("*.csv")] == ["name\nwriters\n"]
