"""Rows that are written many at once are stamped and audited as single ones are."""

import pytest
from django.contrib.auth import get_user_model

from core.identity.actor import acting_as
from core.records.bulk import create_rows, lock_rows, update_rows
from core.records.keys import uuid7
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db

# Every account is a record: the one table that all services have.
Record = get_user_model()


def test_new_rows_are_stamped_with_their_maker(django_assert_num_queries) -> None:
    maker = UserFactory()
    rows = UserFactory.build_batch(2)

    with acting_as(maker.pk), django_assert_num_queries(2):  # The rows and their entries.
        create_rows(rows)

    for row in Record.objects.exclude(pk=maker.pk):
        assert (row.created_by, row.updated_by) == (maker, maker)
        assert row.created_at is not None


def test_maker_that_is_given_is_kept() -> None:
    maker, actor = UserFactory(), UserFactory()
    row = UserFactory.build(created_by=maker)

    with acting_as(actor.pk):
        create_rows([row])

    row.refresh_from_db()
    assert (row.created_by, row.updated_by) == (maker, actor)


def test_changed_rows_are_stamped_and_the_maker_stays(django_assert_num_queries) -> None:
    maker, editor = UserFactory(), UserFactory()
    with acting_as(maker.pk):
        rows = UserFactory.create_batch(2, last_name="Old")
    before = [row.updated_at for row in rows]
    for row in rows:
        row.first_name, row.last_name = "Ann", "New"

    # What the rows were, the rows and their entries.
    with acting_as(editor.pk), django_assert_num_queries(3):
        update_rows(rows, ["first_name"])

    for row, updated_at in zip(rows, before, strict=True):
        row.refresh_from_db()
        assert (row.first_name, row.last_name) == ("Ann", "Old")
        assert (row.created_by, row.updated_by) == (maker, editor)
        assert row.updated_at > updated_at


@pytest.mark.parametrize("write", [create_rows, lambda rows: update_rows(rows, ["first_name"])])
def test_no_rows_are_written_without_a_query(write, django_assert_num_queries) -> None:
    with django_assert_num_queries(0):
        write([])


def test_rows_are_locked_with_one_query_in_the_order_of_their_keys(
    django_assert_num_queries,
) -> None:
    rows = UserFactory.create_batch(3)
    keys = [row.pk for row in reversed(rows)]

    with django_assert_num_queries(1):
        locked = lock_rows(Record.objects.all(), [*keys, uuid7()])

    assert list(locked.items()) == [(row.pk, row) for row in rows]
