"""Two writers of one account at the same moment: real threads, real transactions."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from rest_framework.test import APIClient

from apps.users.models import User
from tests.bodies import data
from tests.factories.users import UserFactory

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

ME = "/api/v1/users/me/"
DEADLINE_SECONDS = 60


def test_of_two_who_change_the_same_state_one_wins(sign_in: Callable[[User], APIClient]) -> None:
    user = UserFactory()
    clients = [sign_in(user), sign_in(user)]
    start = Barrier(2, timeout=DEADLINE_SECONDS)

    def change(number: int) -> tuple[int, str]:
        start.wait()
        name = f"Name {number}"
        try:
            response = clients[number].patch(ME, {"first_name": name}, headers={"if-match": '"1"'})
            return response.status_code, name
        finally:
            connection.close()

    # A pool may hold no more connections than a process has threads: four, unless told otherwise.
    connection.close()
    with ThreadPoolExecutor(2) as threads:
        results = sorted(threads.map(change, range(2), timeout=DEADLINE_SECONDS))

    assert [status for status, _ in results] == [200, 412]
    shown = clients[0].get(ME)
    assert (data(shown)["first_name"], shown["ETag"]) == (results[0][1], '"2"')
