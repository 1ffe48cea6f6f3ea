"""What a connection was told holds for nobody else, whatever becomes of a transaction."""

from contextlib import suppress
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.transaction import TransactionManagementError

from apps.users.models import User
from core.database.row_security.base import DatabaseWrapper
from core.database.row_security.scope import NOBODY, Scope, reaching
from core.progress.models import TaskRun
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def user() -> User:
    user = UserFactory()
    TaskRun.objects.create(name="count", created_by=user)
    return user


def reached() -> int:
    return TaskRun.objects.count()


def backend() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def test_next_request_on_a_connection_reaches_nothing_of_the_last(user, within) -> None:
    first = within(user, lambda _: (backend(), reached()))
    anonymous = within(None, lambda _: (backend(), reached()))
    other = within(UserFactory(), lambda _: (backend(), reached()))

    process = backend()
    assert (first, anonymous, other) == ((process, 1), (process, 0), (process, 0))


@pytest.mark.parametrize("outer", [suppress, transaction.atomic])
@pytest.mark.parametrize("is_reached_before", [True, False])
def test_what_a_rollback_has_taken_back_is_told_again(user, outer, is_reached_before) -> None:
    before, inside = Scope(user.pk), NOBODY
    if not is_reached_before:
        before, inside = inside, before
    with outer():
        with reaching(before):
            reached()
            with suppress(LookupError), transaction.atomic(), reaching(inside):
                reached()
                raise LookupError
        with reaching(inside):
            assert reached() == int(not is_reached_before)
        with reaching(before):
            assert reached() == int(is_reached_before)


def test_what_a_failed_commit_has_taken_back_is_told_again(user) -> None:
    with reaching(NOBODY), transaction.atomic(), reaching(Scope(user.pk)):
        reached()
        # PostgreSQL has ended the transaction, and Django does not know it.
        with suppress(DatabaseError), connection.cursor() as cursor:
            cursor.execute("SELECT 1/0")

    with reaching(Scope(user.pk)):
        assert reached() == 1


def test_savepoint_is_rolled_back_where_a_scope_has_ended_with_it(user) -> None:
    with reaching(NOBODY), transaction.atomic():
        with pytest.raises(IntegrityError), transaction.atomic(), reaching(Scope(user.pk)):
            User.objects.create(email=user.email)
        assert reached() == 0


def test_transaction_that_has_failed_says_so(user) -> None:
    with reaching(NOBODY), transaction.atomic():
        with suppress(IntegrityError), transaction.atomic(savepoint=False):
            User.objects.create(email=user.email)
        with pytest.raises(TransactionManagementError), reaching(Scope(user.pk)):
            reached()


def test_caller_who_was_told_within_a_savepoint_is_told_again_after_it(user) -> None:
    known = [NOBODY]
    with reaching(lambda: known[-1]), transaction.atomic():
        with suppress(LookupError), transaction.atomic():
            known.append(Scope(user.pk))
            reached()
            raise LookupError
        assert reached() == 1


def test_request_tells_the_database_once(user, within, monkeypatch) -> None:
    told = []
    tell = DatabaseWrapper._tell

    def note(wrapper: DatabaseWrapper, scope: Scope) -> None:
        if scope != wrapper._told:
            told.append(scope)
        tell(wrapper, scope)

    def look(_: Any) -> None:
        with transaction.atomic():
            reached()
        reached()

    monkeypatch.setattr(DatabaseWrapper, "_tell", note)
    connection.close()
    within(user, look)

    # The test signs the user in before the request, and reaches all rows.
    assert told[-1] == Scope(user.pk)
    assert told.count(Scope(user.pk)) == 1


@pytest.mark.parametrize("is_in_transaction", [True, False])
def test_connection_forgets_before_the_pool_has_it(user, is_in_transaction) -> None:
    with reaching(Scope(user.pk)):
        connection.set_autocommit(not is_in_transaction)
        reached()
        raw = connection.connection
        connection.close()

    assert raw.execute("SELECT count(*) FROM progress_taskrun").fetchone() == (0,)
    raw.rollback()


def test_connection_that_cannot_forget_is_handed_out_to_nobody(user) -> None:
    with reaching(Scope(user.pk)):
        reached()
    lost = connection.connection
    lost.pgconn.finish()

    connection.close()

    connection.ensure_connection()
    assert connection.connection is not lost
    assert reached() == 1
