"""Connections to the database end in the middle of a request."""

from collections.abc import Iterator

import pytest
from django.db import connection
from django.utils import timezone

from core.idempotency import store
from core.idempotency.models import IdempotencyKey
from tests.cuts import cut_all_connections, leave_idle_connections
from tests.factories.users import UserFactory
from tests.integration.core.idempotency.urls import FAILURES, GroupView, made
from tests.lost_answers import Proxy, lost_answers

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has no server"),
]

RED = {"name": "red"}


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    with lost_answers() as proxy:
        yield proxy


def test_request_may_be_tried_again_at_once(post):
    GroupView.then.append(cut_all_connections)
    leave_idle_connections()

    cut_off, again = post(RED), post(RED)

    assert (cut_off.status_code, again.status_code) == (500, 201)
    assert made() == ["red"]


def test_refusal_that_is_kept_without_knowing_is_answered(post, proxy):
    GroupView.then.append(lambda: proxy.lose_answer("UPDATE"))
    GroupView.failures.append(FAILURES["refusal"])

    refused, again = post(RED), post(RED)

    assert proxy.lost == ["UPDATE"]
    assert (refused.status_code, again.status_code) == (409, 409)
    assert again["Idempotent-Replayed"] == "true"
    assert made() == []


def test_request_that_is_done_without_knowing_is_not_done_again(post, proxy):
    GroupView.then.append(lambda: proxy.lose_answer("COMMIT"))

    cut_off, again = post(RED), post(RED)

    assert proxy.lost == ["COMMIT"]
    assert (cut_off.status_code, again.status_code) == (500, 201)
    assert again["Idempotent-Replayed"] == "true"
    assert made() == ["red"]


def test_claim_that_is_written_without_knowing_is_held(post, proxy):
    proxy.lose_answer("COMMIT")

    response = post(RED)

    assert proxy.lost == ["COMMIT"]
    assert response.status_code == 201
    assert "Idempotent-Replayed" not in response
    assert made() == ["red"]


def test_claim_that_is_taken_over_without_knowing_is_held(proxy):
    asked = {"user_id": UserFactory().pk, "key": "key-1", "fingerprint": "f" * 64}
    store.claim_or_answer(**asked)
    IdempotencyKey.objects.update(claimed_until=timezone.now())
    proxy.lose_answer("UPDATE")

    claim = store.claim_or_answer(**asked)

    assert proxy.lost == ["UPDATE"]
    assert claim == store.Claim(
        digest=IdempotencyKey.objects.get().digest, token=IdempotencyKey.objects.get().claim
    )
