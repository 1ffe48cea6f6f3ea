import logging
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from core.audit.models import AuditEntry
from core.audit.trail import entries_of
from core.records.keys import uuid7
from core.security.api_keys.models import ApiKey
from core.security.api_keys.services import api_key_create
from tests.bodies import data, error_codes
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db
URL = reverse("api-keys")


@pytest.fixture
def user():
    return UserFactory()


@pytest.fixture
def client(sign_in, user):
    return sign_in(user)


def make_key(user, **fields) -> tuple[ApiKey, str]:
    return api_key_create(**{"user": user, "name": "robot", "expires_at": None, **fields})


def with_key(key: str) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Api-Key {key}")
    return client


def test_create_shows_a_key_that_works(client, user):
    response = client.post(URL, {"name": "robot"})

    created = data(response)
    assert response.status_code == 201
    assert response["Cache-Control"] == "no-store"
    assert created["key"].startswith(f"{created['prefix']}.")
    assert (created["name"], created["expires_at"]) == ("robot", None)
    me = with_key(created["key"]).get("/api/v1/users/me/")
    assert data(me)["id"] == str(user.pk)


def test_life_of_a_key_is_told_without_its_secret(client, user):
    api_key = ApiKey.objects.get(pk=data(client.post(URL, {"name": "robot"}))["id"])
    client.delete(f"{URL}{api_key.pk}/")

    end, creation = entries_of(ApiKey, api_key.pk)
    assert list(end.changes) == ["revoked_at"]
    assert creation.changes["name"] == [None, "robot"]
    assert creation.changes["hash"] == ["***", "***"]
    assert {creation.actor, end.actor} == {user}
    assert api_key.hash not in str(AuditEntry.objects.values())


def test_create_keeps_no_secret(client, user, caplog):
    caplog.set_level(logging.DEBUG)

    key = data(client.post(URL, {"name": "robot"}))["key"]
    with_key(key).get("/api/v1/users/me/")
    with_key(f"{key}x").get("/api/v1/users/me/")

    secret = key.partition(".")[2]
    assert len(secret) == 43
    assert secret not in str(ApiKey.objects.values().get())
    assert secret not in caplog.text


def test_create_takes_a_time_at_which_the_key_ends(client):
    expires_at = timezone.now() + timedelta(days=1)

    created = data(client.post(URL, {"name": "robot", "expires_at": expires_at.isoformat()}))

    assert ApiKey.objects.get(pk=created["id"]).expires_at == expires_at


@pytest.mark.parametrize(
    ("given", "faults"),
    [
        ({}, [("required", "name")]),
        ({"name": "x" * 101}, [("max_length", "name")]),
        ({"name": "robot", "expires_at": "2020-01-01T00:00:00Z"}, [("passed", "expires_at")]),
    ],
)
def test_create_refuses_what_is_no_key(client, given, faults):
    assert error_codes(client.post(URL, given)) == faults


def test_list_shows_own_keys_without_secrets_in_one_query(
    client, user, credential_queries, django_assert_num_queries
):
    keys = [make_key(user)[0] for _ in range(3)]
    make_key(UserFactory())

    with django_assert_num_queries(credential_queries + 1):
        response = client.get(URL)

    results = data(response)["results"]
    assert [key["id"] for key in results] == [str(key.pk) for key in reversed(keys)]
    assert set(results[0]) == {
        "id",
        "name",
        "prefix",
        "created_at",
        "expires_at",
        "revoked_at",
        "last_used_at",
    }


def test_delete_revokes_a_key_and_keeps_it_in_the_list(client, user):
    api_key, key = make_key(user)

    response = client.delete(reverse("api-key", args=[api_key.pk]))

    assert response.status_code == 204
    assert error_codes(with_key(key).get(URL)) == [("invalid_api_key", None)]
    assert data(client.get(URL))["results"][0]["revoked_at"] is not None


def test_delete_again_changes_nothing(client, user):
    api_key, _ = make_key(user)
    url = reverse("api-key", args=[api_key.pk])
    client.delete(url)
    api_key.refresh_from_db()
    revoked_at = api_key.revoked_at

    response = client.delete(url)

    api_key.refresh_from_db()
    assert response.status_code == 204
    assert api_key.revoked_at == revoked_at


def test_keys_of_others_are_not_there(client):
    api_key, _ = make_key(UserFactory())

    response = client.delete(reverse("api-key", args=[api_key.pk]))

    assert response.status_code == 404
    api_key.refresh_from_db()
    assert api_key.revoked_at is None


def test_keys_are_managed_by_callers_who_sign_in(api_client, user):
    api_key, key = make_key(user)
    url = reverse("api-key", args=[api_key.pk])

    assert error_codes(api_client.get(URL)) == [("not_authenticated", None)]
    for response in (
        with_key(key).get(URL),
        with_key(key).post(URL, {"name": "another"}),
        with_key(key).delete(url),
    ):
        assert response.status_code == 403
        assert error_codes(response) == [("permission_denied", None)]
    assert ApiKey.objects.count() == 1


def wrong_keys(user) -> dict[str, str]:
    _, key = make_key(user)
    prefix, _, secret = key.partition(".")
    return {
        "empty": "",
        "no secret": prefix,
        "empty secret": f"{prefix}.",
        "wrong secret": f"{prefix}.{'x' * 43}",
        "wrong prefix": f"{'0' * 12}.{secret}",
        "more": f"{key} more",
        "not ASCII": f"{prefix}.é",
        "of one who left": make_key(UserFactory(is_active=False))[1],
        "expired": make_key(user, expires_at=timezone.now())[1],
    }


def test_wrong_keys_have_one_answer_with_a_challenge(user):
    for kind, key in wrong_keys(user).items():
        response = with_key(key).get("/api/v1/users/me/")

        assert response.status_code == 401, kind
        assert response["WWW-Authenticate"] == 'Api-Key realm="api"', kind
        assert error_codes(response) == [("invalid_api_key", None)], kind


def test_use_is_noted_once_a_minute(user, django_assert_num_queries):
    api_key, key = make_key(user)
    client = with_key(key)
    url = reverse("api-key", args=[uuid7()])

    with django_assert_num_queries(2):  # The key with its user, and the note.
        client.delete(url)
    with django_assert_num_queries(1):
        client.delete(url)

    api_key.refresh_from_db()
    noted = api_key.last_used_at
    assert noted is not None
    ApiKey.objects.update(last_used_at=noted - timedelta(minutes=1))
    client.delete(url)
    api_key.refresh_from_db()
    assert api_key.last_used_at >= noted


def test_records_are_stamped_with_the_user_of_the_key(client, user):
    data(client.post(URL, {"name": "robot"}))

    assert ApiKey.objects.get().created_by == user


def test_schema_describes_the_keys(api_client):
    schema = api_client.get(reverse("schema"), headers={"Accept": "application/json"}).json()

    scheme = schema["components"]["securitySchemes"]["apiKey"]
    assert (scheme["type"], scheme["in"], scheme["name"]) == ("apiKey", "header", "Authorization")
    assert {"apiKey": []} in schema["paths"]["/api/v1/api-keys/"]["get"]["security"]
