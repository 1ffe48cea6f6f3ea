"""Two clients with the same key at the same moment: real threads, real transactions."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier, Event
from typing import Any

import pytest
from django.db import connection, transaction

from core.idempotency import store
from core.idempotency.errors import KeyInUseError
from tests.bodies import error_codes
from tests.factories.users import UserFactory
from tests.integration.core.idempotency.urls import GroupView, made

pytestmark = [
    pytest.mark.race,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer at a time"),
]

DEADLINE_SECONDS = 30
RED = {"name": "red"}


@contextmanager
def held(send: Callable[[], Any], *, after_commit: bool = False) -> Iterator[Future[Any]]:
    """Run the block while a request stands still, in a thread of its own.

    It stands still where the view has written but not answered; or, ``after_commit``, where all
    is committed but the client has no answer.
    """
    is_there, go_on = Event(), Event()

    def stand_still() -> None:
        is_there.set()
        assert go_on.wait(DEADLINE_SECONDS)

    def run() -> Any:
        try:
            return send()
        finally:
            connection.close()

    then = (lambda: transaction.on_commit(stand_still)) if after_commit else stand_still
    GroupView.then.append(then)
    with ThreadPoolExecutor(1) as threads:
        request = threads.submit(run)
        try:
            assert is_there.wait(DEADLINE_SECONDS)
            yield request
        finally:
            go_on.set()


def test_twin_of_a_request_at_work_is_refused(post):
    with held(lambda: post(RED)) as request:
        twin = post(RED)

    assert twin.status_code == 409
    assert error_codes(twin) == [("idempotency_key_in_use", None)]
    assert request.result().status_code == 201
    assert made() == ["red"]
    assert post(RED).content == request.result().content


def test_twin_of_a_request_that_has_committed_gets_its_answer(post):
    with held(lambda: post(RED), after_commit=True) as request:
        twin = post(RED)

    assert twin.status_code == 201
    assert twin["Idempotent-Replayed"] == "true"
    assert twin.content == request.result().content
    assert made() == ["red"]


def test_other_request_with_the_key_of_one_at_work_is_refused_as_such(post):
    with held(lambda: post(RED)):
        other = post({"name": "blue"})

    assert other.status_code == 422
    assert made() == ["red"]


def test_slow_request_whose_time_is_up_loses_to_its_twin(post, settings):
    settings.IDEMPOTENCY_LEASE_SECONDS = 0

    with held(lambda: post(RED)) as request:
        twin = post(RED)

    assert twin.status_code == 201
    assert request.result().status_code == 409
    assert error_codes(request.result()) == [("idempotency_key_in_use", None)]
    assert made() == ["red"]
    assert post(RED).content == twin.content


def test_new_key_is_claimed_by_one_of_many():
    user = UserFactory()
    count = 8
    start = Barrier(count, timeout=DEADLINE_SECONDS)

    def claim(_: int) -> type:
        start.wait()
        try:
            return type(store.claim_or_answer(user_id=user.pk, key="key-1", fingerprint="f"))
        except KeyInUseError as error:
            return type(error)
        finally:
            connection.close()

    connection.close()  # A pool may hold no more than four.
    with ThreadPoolExecutor(count) as threads:
        results = list(threads.map(claim, range(count), timeout=DEADLINE_SECONDS))

    assert results.count(store.Claim) == 1
    assert results.count(KeyInUseError) == count - 1
