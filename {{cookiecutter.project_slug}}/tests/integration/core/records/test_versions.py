"""Every write raises the version, and none undoes another unseen."""

import pytest
from django.contrib.auth import get_user_model
from django.db import transaction

from core.errors import StaleRecordError
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db

# Every account is versioned: the one such table that all services have.
Record = get_user_model()


def test_first_version_is_one_and_each_save_raises_it() -> None:
    record = UserFactory()
    assert record.version == 1

    record.save()
    record.save(update_fields=["first_name"])

    assert record.version == 3
    assert Record.objects.get().version == 3


def test_save_costs_one_query_besides_that_of_the_audit(django_assert_num_queries) -> None:
    record = UserFactory()

    with django_assert_num_queries(2):  # What the row was, which is the same, and the row.
        record.save(update_fields=["first_name"])


def test_of_two_that_read_the_same_version_one_writes() -> None:
    UserFactory(first_name="Ann")
    first, second = Record.objects.get(), Record.objects.get()
    first.first_name, second.first_name = "Bea", "Cid"
    first.save()

    with pytest.raises(StaleRecordError, match="Read it again"), transaction.atomic():
        second.save()

    assert second.version == 1
    record = Record.objects.get()
    assert (record.first_name, record.version) == ("Bea", 2)


def test_record_that_was_removed_is_not_written() -> None:
    record = UserFactory()
    Record.objects.all().delete()

    with pytest.raises(StaleRecordError), transaction.atomic():
        record.save()

    assert not Record.objects.exists()


def test_record_that_was_read_again_is_written() -> None:
    UserFactory()
    first, second = Record.objects.get(), Record.objects.get()
    first.save()
    second.refresh_from_db()

    second.save()

    assert Record.objects.get().version == 3


def test_save_of_no_field_raises_nothing(django_assert_num_queries) -> None:
    record = UserFactory()

    with django_assert_num_queries(0):
        record.save(update_fields=[])

    assert record.version == 1


def test_save_of_a_record_that_was_read_in_part_raises_the_version() -> None:
    UserFactory(first_name="Ann", last_name="Old")
    record = Record.objects.only("first_name").get()
    record.first_name = "Bea"

    record.save()

    written = Record.objects.get()
    assert (written.first_name, written.last_name, written.version) == ("Bea", "Old", 2)


def test_signing_in_raises_nothing(client) -> None:
    record = UserFactory()

    client.force_login(record)

    record.refresh_from_db()
    assert record.last_login is not None
    assert record.version == 1


def test_update_of_many_raises_the_version_of_each() -> None:
    UserFactory.create_batch(2)

    Record.objects.update(first_name="Bea")
    assert list(Record.objects.values_list("version", flat=True)) == [2, 2]

    Record.objects.bulk_update(Record.objects.all(), ["first_name"])
    assert list(Record.objects.values_list("version", flat=True)) == [3, 3]


def test_version_that_is_required_is_the_one_that_was_read() -> None:
    record = UserFactory()

    record.require_version(1)
    record.require_version(None)
    with pytest.raises(StaleRecordError):
        record.require_version(2)
