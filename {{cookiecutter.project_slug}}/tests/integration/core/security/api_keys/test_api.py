import logging
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from core.audit.models import AuditEntry
from core.audit.trail import entries_of
from core.records.keys import uuid7
from core.security.api_keys import form
from core.security.api_keys.models import ApiKey
from core.security.api_keys.services import api_key_create, hash_of, network_of
from tests.bodies import data, error_codes
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db
URL = reverse("api-keys")
ASKED = {"name": "robot", "scopes": ["users:read"]}


@pytest.fixture
def user():
    return UserFactory()


@pytest.fixture
def client(sign_in, user):
    return sign_in(user)


def make_key(user, **fields) -> tuple[ApiKey, str]:
    return api_key_create(**{"user": user, "name": "robot", "scopes": ["users:read"], **fields})


def with_key(key: str) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Api-Key {key}")
    return client


def test_create_shows_a_key_that_works(client, user):
    response = client.post(URL, ASKED)

    created = data(response)
    assert response.status_code == 201
    assert response["Cache-Control"] == "no-store"
    assert created["key"].startswith(f"apikey_{created['prefix']}_")
    assert (created["name"], created["scopes"]) == ("robot", ["users:read"])
    me = with_key(created["key"]).get("/api/v1/users/me/")
    assert data(me)["id"] == str(user.pk)


def test_life_of_a_key_is_told_without_its_secret(client, user):
    api_key = ApiKey.objects.get(pk=data(client.post(URL, ASKED))["id"])
    client.delete(f"{URL}{api_key.pk}/")

    end, creation = entries_of(ApiKey, api_key.pk)
    assert list(end.changes) == ["revoked_at"]
    assert creation.changes["name"] == [None, "robot"]
    assert creation.changes["hash"] == ["***", "***"]
    assert {creation.actor, end.actor} == {user}
    assert api_key.hash not in str(AuditEntry.objects.values())


def test_create_keeps_no_secret(client, user, caplog):
    caplog.set_level(logging.DEBUG)

    key = data(client.post(URL, ASKED))["key"]
    with_key(key).get("/api/v1/users/me/")
    with_key(f"{key}x").get("/api/v1/users/me/")

    secret = key.rpartition("_")[2][:43]
    assert key == form.joined(key.split("_")[1], secret)
    assert secret not in str(ApiKey.objects.values().get())
    assert secret not in caplog.text


def test_create_takes_a_time_at_which_the_key_ends(client):
    expires_at = timezone.now() + timedelta(days=1)

    created = data(client.post(URL, ASKED | {"expires_at": expires_at.isoformat()}))

    assert ApiKey.objects.get(pk=created["id"]).expires_at == expires_at


def test_key_that_asks_for_no_time_ends_by_itself(client, settings):
    created = data(client.post(URL, ASKED))

    api_key = ApiKey.objects.get(pk=created["id"])
    held = api_key.expires_at - api_key.created_at
    assert abs(held - timedelta(days=settings.API_KEY_DEFAULT_DAYS)) < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("given", "faults"),
    [
        ({}, [("required", "name"), ("required", "scopes")]),
        (ASKED | {"name": "x" * 101}, [("max_length", "name")]),
        (ASKED | {"scopes": []}, [("min_length", "scopes")]),
        (ASKED | {"scopes": ["users:delete"]}, [("invalid_choice", "scopes.0")]),
        (ASKED | {"scopes": ["*"]}, [("invalid_choice", "scopes.0")]),
        (ASKED | {"expires_at": "2020-01-01T00:00:00Z"}, [("passed", "expires_at")]),
        (ASKED | {"expires_at": "2999-01-01T00:00:00Z"}, [("expiry_too_late", "expires_at")]),
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
        "scopes",
        "prefix",
        "former",
        "created_at",
        "expires_at",
        "revoked_at",
        "last_used_at",
        "last_used_from",
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
        with_key(key).post(URL, ASKED),
        with_key(key).delete(url),
    ):
        assert response.status_code == 403
        assert error_codes(response) == [("insufficient_scope", None)]
    assert ApiKey.objects.count() == 1


def test_keys_are_managed_by_no_key_though_a_scope_says_so(user, settings):
    settings.API_KEY_SCOPES = {"keys:read": ("", ["api/v1/api-keys/"])}
    _, key = make_key(user, scopes=["keys:read"])

    response = with_key(key).get(URL)

    assert response.status_code == 403
    assert error_codes(response) == [("permission_denied", None)]


def test_key_of_a_former_form_is_taken(user):
    secret = "former-secret-with-_-and-43-characters-in-al"[:43]
    make_key(user)
    ApiKey.objects.update(hash=hash_of(secret), scopes=["*"], expires_at=None)
    prefix = ApiKey.objects.get().prefix

    response = with_key(f"{prefix}.{secret}").get("/api/v1/users/me/")

    assert response.status_code == 200


def wrong_keys(user) -> dict[str, str]:
    _, key = make_key(user)
    prefix, secret = form.parts_of(key)
    return {
        "empty": "",
        "no secret": f"apikey_{prefix}",
        "empty secret": f"apikey_{prefix}_",
        "no checksum": f"apikey_{prefix}_{secret}",
        "wrong checksum": f"{key[:-1]}{'a' if key[-1] != 'a' else 'b'}",
        "wrong secret": form.joined(prefix, "x" * 43),
        "wrong secret of a former form": f"{prefix}.{'x' * 43}",
        "wrong prefix": form.joined("0" * 12, secret),
        "more": f"{key} more",
        "not ASCII": f"apikey_{prefix}_é",
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
    url = reverse("task", args=[uuid7()])

    with django_assert_num_queries(2):  # The key with its user, and the note; then a refusal.
        client.get(url, REMOTE_ADDR="203.0.113.7")
    with django_assert_num_queries(1):
        client.get(url)

    api_key.refresh_from_db()
    noted = api_key.last_used_at
    assert noted is not None
    assert api_key.last_used_from == "203.0.113.0/24"
    ApiKey.objects.update(last_used_at=noted - timedelta(minutes=1))
    client.get(url)
    api_key.refresh_from_db()
    assert api_key.last_used_at >= noted


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.0/24"),
        ("2001:db8:1:2::3", "2001:db8:1::/48"),
        ("not an address", ""),
        (None, ""),
    ],
)
def test_of_an_address_its_network_stays(address, network):
    assert network_of(address) == network


def test_records_are_stamped_with_the_user_of_the_key(client, user):
    data(client.post(URL, ASKED))

    assert ApiKey.objects.get().created_by == user


def test_schema_describes_the_keys(api_client):
    schema = api_client.get(reverse("schema"), headers={"Accept": "application/json"}).json()

    scheme = schema["components"]["securitySchemes"]["apiKey"]
    assert (scheme["type"], scheme["in"], scheme["name"]) == ("apiKey", "header", "Authorization")
    paths = schema["paths"]
    assert {"apiKey": ["users:read"]} in paths["/api/v1/users/me/"]["get"]["security"]
    refusing = (paths["/api/v1/users/me/"]["patch"], paths["/api/v1/api-keys/"]["get"])
    for operation in refusing:
        assert not any("apiKey" in way for way in operation["security"])
