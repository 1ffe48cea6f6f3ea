"""Whoever erases and whoever signs in wait for each other: real threads, real transactions."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait

import pytest
from django.db import connection, transaction

from apps.users.errors import LastAdminError
from apps.users.models import User
from apps.users.services import account_erase, user_lock
from tests.factories.users import AdminFactory, UserFactory

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

DEADLINE_SECONDS = 60
# For so long one who should not wait could go on.
WAIT_SECONDS = 0.3


def beside(thread: ThreadPoolExecutor, work: Callable[[], object]) -> Future[object]:
    """Start ``work`` in another thread, which has to wait for this one's transaction."""

    def run() -> object:
        try:
            return work()
        finally:
            connection.close()

    future = thread.submit(run)
    assert wait([future], timeout=WAIT_SECONDS).done == set()
    return future


def test_who_is_being_erased_cannot_sign_in() -> None:
    user = UserFactory()

    def sign_in() -> bool:
        with transaction.atomic():
            return user_lock(user_id=user.pk)

    with ThreadPoolExecutor(1) as thread:
        with transaction.atomic():
            account_erase(user_id=user.pk)
            signed_in = beside(thread, sign_in)
        assert signed_in.result(DEADLINE_SECONDS) is False


def test_who_is_signing_in_is_erased_with_what_that_leaves() -> None:
    user = UserFactory()

    with ThreadPoolExecutor(1) as thread:
        with transaction.atomic():
            assert user_lock(user_id=user.pk)
            erased = beside(thread, lambda: account_erase(user_id=user.pk))
            User.objects.filter(pk=user.pk).update(first_name="Late")
        erased.result(DEADLINE_SECONDS)

    user.refresh_from_db()
    assert user.is_erased
    assert user.first_name == ""


def test_of_the_last_two_admins_one_stays() -> None:
    first, second = AdminFactory(), AdminFactory()

    with ThreadPoolExecutor(1) as thread:
        with transaction.atomic():
            account_erase(user_id=first.pk)
            erased = beside(thread, lambda: account_erase(user_id=second.pk))
        with pytest.raises(LastAdminError):
            erased.result(DEADLINE_SECONDS)

    second.refresh_from_db()
    assert second.is_active
