"""The same key has one effect and one answer."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone
from drf_spectacular.generators import SchemaGenerator

from core.idempotency.models import IdempotencyKey
from tests.bodies import data, error_codes
from tests.integration.core.idempotency.urls import FAILURES, GroupView, made

pytestmark = pytest.mark.django_db

RED = {"name": "red"}


def test_same_request_again_has_the_same_answer_and_no_effect(post):
    first, second = post(RED), post(RED)

    assert made() == ["red"]
    assert (first.status_code, second.status_code) == (201, 201)
    assert second.content == first.content
    assert data(second)["name"].startswith("red ")
    assert second["Location"] == first["Location"]
    assert second["Content-Type"] == first["Content-Type"] == "application/json"


def test_answer_tells_whether_it_is_a_replay(post):
    first, second = post(RED), post(RED)

    assert "Idempotent-Replayed" not in first
    assert second["Idempotent-Replayed"] == "true"


def test_key_is_the_same_with_and_without_quotation_marks(post):
    post(RED, key="abc")

    assert post(RED, key='"abc"')["Idempotent-Replayed"] == "true"


def test_answer_without_a_body_is_replayed(post):
    post(RED | {"status": 204})

    again = post(RED | {"status": 204})

    assert (again.status_code, again.content, made()) == (204, b"", ["red"])


def test_answer_that_is_no_json_is_replayed(post):
    post(RED | {"bare": True})

    again = post(RED | {"bare": True})

    assert (again.content, again["Content-Type"]) == (b"bare", "text/plain")
    assert made() == ["red"]


def test_other_key_is_another_request(post):
    post(RED)
    post({"name": "blue"}, key="key-2")

    assert made() == ["blue", "red"]


@pytest.mark.parametrize(
    ("body", "path"),
    [({"name": "blue"}, "/groups/"), (RED, "/more-groups/"), (RED, "/groups/?dry=1")],
)
def test_same_key_with_another_request_is_refused(post, body, path):
    post(RED)

    response = post(body, path=path)

    assert response.status_code == 422
    assert error_codes(response) == [("idempotency_key_reused", None)]
    assert made() == ["red"]


def test_same_key_of_another_user_is_another_key(post_as):
    post_as()(RED)

    response = post_as()({"name": "blue"})

    assert response.status_code == 201
    assert made() == ["blue", "red"]


@pytest.mark.urls("tests.integration.core.idempotency.urls")
def test_request_without_a_key_is_not_kept(api_client):
    response = api_client.post("/open/", {})

    assert response.status_code == 204
    assert not IdempotencyKey.objects.exists()


@pytest.mark.parametrize("key", ["", "a b", '"a', "k" * 256])
def test_malformed_key_is_refused(post, key):
    response = post(RED, key=key)

    assert response.status_code == 400
    assert error_codes(response) == [("idempotency_key_malformed", None)]
    assert made() == []


@pytest.mark.urls("tests.integration.core.idempotency.urls")
def test_caller_who_has_not_signed_in_may_send_no_key(api_client):
    response = api_client.post("/open/", {}, headers={"Idempotency-Key": "key-1"})

    assert response.status_code == 401
    assert error_codes(response) == [("not_authenticated", None)]


# What is an answer


def test_refusal_is_replayed_and_undoes_what_it_refuses(post):
    GroupView.failures = [FAILURES["refusal"]]

    first, second = post(RED), post(RED)

    assert (first.status_code, second.status_code) == (409, 409)
    assert error_codes(second) == error_codes(first) == [("full", None)]
    assert second["Idempotent-Replayed"] == "true"
    assert second["Content-Type"] == first["Content-Type"]
    assert made() == []


def test_refusal_that_a_view_returns_is_replayed(post):
    first, second = (post(RED | {"status": 400}) for _ in range(2))

    assert (first.status_code, second.status_code) == (400, 400)
    assert second["Idempotent-Replayed"] == "true"


@pytest.mark.parametrize(("failure", "status"), [("crash", 500), ("throttle", 429)])
def test_what_may_pass_is_tried_again_at_once(post, failure, status):
    GroupView.failures = [FAILURES[failure]]

    first, second = post(RED), post(RED)

    assert (first.status_code, second.status_code) == (status, 201)
    assert "Idempotent-Replayed" not in second
    assert made() == ["red"]


@pytest.mark.parametrize("status", [500, 503, 429])
def test_failure_that_a_view_returns_has_no_effect(post, status):
    response = post(RED | {"status": status})

    assert response.status_code == status
    assert made() == []
    assert not IdempotencyKey.objects.exists()


@pytest.mark.parametrize(
    "secret", [{"headers": {"Cache-Control": "private, no-store"}}, {"cookie": True}]
)
def test_answer_with_a_secret_is_never_kept(post, secret):
    response = post(RED | secret)

    assert response.status_code == 500
    assert made() == []
    assert not IdempotencyKey.objects.exists()


def test_routes_that_hand_out_credentials_take_no_key():
    document = SchemaGenerator().get_schema(request=None, public=True)

    taking = [
        path
        for path, path_item in document["paths"].items()
        for operation in path_item.values()
        for parameter in operation.get("parameters", [])
        if parameter.get("name") == "Idempotency-Key"
    ]

    assert [path for path in taking if "/auth/" in path or "/api-keys/" in path] == []


def test_row_holds_neither_the_key_nor_the_body_of_the_request(post):
    post(RED | {"note": "s3cret"}, key="my-key")

    row = str(IdempotencyKey.objects.values().get())

    assert "my-key" not in row
    assert "s3cret" not in row


# In time


def left_by_a_crash(**changes: object) -> None:
    """Turn the row of an answer into the claim of a process that has died."""
    IdempotencyKey.objects.update(status=None, body=b"", headers={}, **changes)
    Group.objects.filter(name__startswith="red ").delete()


def test_key_of_a_request_at_work_is_in_use(post):
    post(RED)
    left_by_a_crash()

    response = post(RED)

    assert response.status_code == 409
    assert error_codes(response) == [("idempotency_key_in_use", None)]
    assert made() == []


def test_claim_that_a_crash_left_is_taken_over_when_its_time_is_up(post):
    post(RED)
    left_by_a_crash(claimed_until=timezone.now())

    response = post(RED)

    assert response.status_code == 201
    assert "Idempotent-Replayed" not in response
    assert made() == ["red"]
    assert post(RED)["Idempotent-Replayed"] == "true"


def test_claim_that_a_crash_left_still_belongs_to_its_request(post):
    post(RED)
    left_by_a_crash(claimed_until=timezone.now())

    assert post({"name": "blue"}).status_code == 422


def test_claim_holds_for_as_long_as_the_setting_says(post, settings):
    settings.IDEMPOTENCY_LEASE_SECONDS = 90
    before = timezone.now()

    post(RED)

    held = IdempotencyKey.objects.get().claimed_until - before
    assert timedelta(seconds=90) <= held < timedelta(seconds=100)


def test_answer_is_kept_for_as_long_as_the_setting_says(post, settings):
    settings.IDEMPOTENCY_RETENTION_HOURS = 3
    before = timezone.now()

    post(RED)

    kept = IdempotencyKey.objects.get().expires_at - before
    assert timedelta(hours=3) <= kept < timedelta(hours=3, seconds=10)


def test_key_that_has_expired_is_free_for_any_request(post):
    post(RED)
    IdempotencyKey.objects.update(expires_at=timezone.now())

    response = post({"name": "blue"})

    assert response.status_code == 201
    assert made() == ["blue", "red"]


def test_request_that_lost_its_claim_has_no_effect(post):
    def be_taken_over() -> None:
        IdempotencyKey.objects.update(claim="00000000-0000-0000-0000-000000000000")

    GroupView.then = [be_taken_over]

    response = post(RED)

    assert response.status_code == 409
    assert error_codes(response) == [("idempotency_key_in_use", None)]
    assert made() == []


def test_keys_of_a_user_go_with_the_user(post):
    post(RED)

    IdempotencyKey.objects.get().user.delete()

    assert not IdempotencyKey.objects.exists()


# What it costs


def test_key_costs_a_fixed_number_of_queries(post, credential_queries, django_assert_num_queries):
    # The claim, the group with its entry in the audit trail, the answer; two savepoints, released.
    with django_assert_num_queries(credential_queries + 8):
        post(RED)

    # The claim, which fails: the savepoint, its end in two; and the answer.
    with django_assert_num_queries(credential_queries + 5):
        post(RED)
