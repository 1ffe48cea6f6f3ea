"""Records know when they were made and changed, and by whom."""

from datetime import timedelta
from io import StringIO
from uuid import uuid4

import pytest
from celery import Celery
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.utils import timezone

from core.identity.actor import acting_as
from core.jobs.tasks import BaseTask
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db

# Every account is a record: the one table that all services have.
Record = get_user_model()


def test_record_is_stamped_with_its_maker() -> None:
    maker = UserFactory()
    with acting_as(maker.pk):
        record = UserFactory()

    record.refresh_from_db()
    assert record.created_by == maker
    assert record.updated_by == maker
    assert record.created_at == record.updated_at or record.created_at < record.updated_at
    assert timezone.now() - record.created_at < timedelta(minutes=1)


def test_change_is_stamped_and_the_maker_stays() -> None:
    maker, editor = UserFactory(), UserFactory()
    with acting_as(maker.pk):
        record = UserFactory()
    created_at, updated_at = record.created_at, record.updated_at

    with acting_as(editor.pk):
        record.save()

    record.refresh_from_db()
    assert (record.created_by, record.updated_by) == (maker, editor)
    assert record.created_at == created_at
    assert record.updated_at > updated_at


def test_change_of_some_fields_is_stamped_too() -> None:
    editor = UserFactory()
    record = UserFactory(first_name="Ann", last_name="Old")
    updated_at = record.updated_at
    record.first_name, record.last_name = "Bea", "New"

    with acting_as(editor.pk):
        record.save(update_fields=["first_name"])

    record.refresh_from_db()
    assert (record.first_name, record.last_name) == ("Bea", "Old")
    assert record.updated_by == editor
    assert record.updated_at > updated_at


def test_change_of_no_field_changes_nothing(django_assert_num_queries) -> None:
    record = UserFactory()

    with django_assert_num_queries(0), acting_as(uuid4()):
        record.save(update_fields=[])


def test_what_the_service_does_itself_has_no_user() -> None:
    record = UserFactory()

    record.refresh_from_db()
    assert record.created_by is None
    assert record.updated_by is None


def test_maker_that_is_given_is_kept() -> None:
    maker, actor = UserFactory(), UserFactory()

    with acting_as(actor.pk):
        record = UserFactory(created_by=maker)

    assert record.created_by == maker


def test_record_outlives_the_account_of_its_maker() -> None:
    maker = UserFactory()
    with acting_as(maker.pk):
        record = UserFactory()

    maker.delete()

    record.refresh_from_db()
    assert record.created_by is None


def test_change_by_a_request_is_stamped_with_whom_it_authenticated(sign_in) -> None:
    record = UserFactory()

    sign_in(record).patch("/api/v1/users/me/", {"first_name": "Bea"})

    record.refresh_from_db()
    assert (record.first_name, record.updated_by) == ("Bea", record)


def test_change_by_a_task_is_stamped_with_whom_the_task_acts_for() -> None:
    app = Celery("tests", task_cls=BaseTask, set_as_current=False)
    app.conf.update(task_always_eager=True, task_ignore_result=True)
    record, actor = UserFactory(), UserFactory()

    @app.task(shared=False)
    def change(key: str) -> None:
        Record.objects.get(pk=key).save()

    with acting_as(actor.pk):
        change.delay(str(record.pk))
    app.close()

    record.refresh_from_db()
    assert record.updated_by == actor


def test_change_by_a_command_has_no_user(settings) -> None:
    settings.DEBUG = True

    call_command("seed_demo", stdout=StringIO())

    stamps = set(Record.objects.values_list("created_by", "updated_by"))
    assert stamps == {(None, None)}


def test_database_sorts_keys_by_creation() -> None:
    records = [UserFactory() for _ in range(20)]

    sorted_keys = Record.objects.order_by("id").values_list("pk", flat=True)

    assert list(sorted_keys) == [record.pk for record in records]
