"""A key is replaced while the one of before goes on for a while."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from core.errors import ConflictError
from core.security.api_keys.errors import KeyRotatedError
from core.security.api_keys.models import ApiKey
from core.security.api_keys.services import (
    api_key_check,
    api_key_create,
    api_key_revoke,
    api_key_rotate,
)
from tests.bodies import data, error_codes
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def user():
    return UserFactory()


@pytest.fixture
def client(sign_in, user):
    return sign_in(user)


def make_key(user) -> tuple[ApiKey, str]:
    return api_key_create(user=user, name="robot", scopes=["users:read"])


def url_of(api_key: ApiKey) -> str:
    return reverse("api-key-rotate", args=[api_key.pk])


def test_both_keys_are_good_until_the_grace_period_ends(client, user):
    api_key, key = make_key(user)

    response = client.post(url_of(api_key), {"grace_hours": 2})

    created = data(response)
    assert response.status_code == 201
    assert response["Cache-Control"] == "no-store"
    assert (created["name"], created["scopes"]) == ("robot", ["users:read"])
    assert created["former"] == str(api_key.pk)
    assert api_key_check(key=key) == api_key
    assert str(api_key_check(key=created["key"]).pk) == created["id"]
    api_key.refresh_from_db()
    left = api_key.expires_at - timezone.now()
    assert timedelta(hours=1, minutes=59) < left <= timedelta(hours=2)


def test_former_key_is_refused_at_once_without_grace(client, user):
    api_key, key = make_key(user)

    created = data(client.post(url_of(api_key), {"grace_hours": 0}))

    assert api_key_check(key=key) is None
    assert api_key_check(key=created["key"]) is not None


def test_grace_makes_no_key_hold_longer(client, user):
    api_key, _ = make_key(user)
    soon = timezone.now() + timedelta(minutes=5)
    ApiKey.objects.update(expires_at=soon)

    client.post(url_of(api_key), {"grace_hours": 24})

    api_key.refresh_from_db()
    assert api_key.expires_at == soon


def test_grace_has_a_bound(client, user, settings):
    api_key, _ = make_key(user)
    hours = settings.API_KEY_GRACE_MAX_HOURS

    response = client.post(url_of(api_key), {"grace_hours": hours + 1})

    assert error_codes(response) == [("max_value", "grace_hours")]
    api_key_rotate(api_key=api_key, grace_hours=hours * 10)
    api_key.refresh_from_db()
    assert api_key.expires_at <= timezone.now() + timedelta(hours=hours)


def test_key_is_rotated_once(client, user):
    api_key, _ = make_key(user)
    client.post(url_of(api_key), {})

    response = client.post(url_of(api_key), {})

    assert response.status_code == 409
    assert error_codes(response) == [("api_key_rotated", None)]
    assert ApiKey.objects.count() == 2


def test_key_that_ended_is_not_rotated(client, user):
    api_key, _ = make_key(user)
    api_key_revoke(api_key=api_key)

    response = client.post(url_of(api_key), {})

    assert response.status_code == 409
    assert error_codes(response) == [("api_key_ended", None)]
    assert ApiKey.objects.count() == 1


def test_key_of_somebody_else_is_not_there(client):
    api_key, _ = make_key(UserFactory())

    assert client.post(url_of(api_key), {}).status_code == 404


def test_new_key_that_would_hold_too_long_leaves_the_former_as_it_is(client, user):
    api_key, _ = make_key(user)

    response = client.post(url_of(api_key), {"expires_at": "2999-01-01T00:00:00Z"})

    assert error_codes(response) == [("expiry_too_late", "expires_at")]
    before = api_key.expires_at
    api_key.refresh_from_db()
    assert api_key.expires_at == before


def test_rotation_costs_a_constant_number_of_queries(
    client, user, credential_queries, django_assert_max_num_queries
):
    api_key, _ = make_key(user)

    # The key, it locked, its user, its successor; the new one and its entry; the end and its entry.
    with django_assert_max_num_queries(credential_queries + 12):
        client.post(url_of(api_key), {})


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_of_several_rotations_at_once_one_makes_a_key(user):
    api_key, _ = make_key(user)
    barrier = threading.Barrier(4)
    made: list[ApiKey] = []
    refused: list[ConflictError] = []

    def rotate() -> None:
        try:
            barrier.wait()
            made.append(api_key_rotate(api_key=api_key, grace_hours=1)[0])
        except KeyRotatedError as error:
            refused.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=rotate) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(made) == 1
    assert len(refused) == 3
    assert ApiKey.objects.count() == 2
