"""People erase themselves, when they have just signed in at the issuer."""

import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from apps.users.models import User
from tests.authentication.oidc import Issuer
from tests.bodies import data, error_codes
from tests.factories.users import AdminFactory

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], APIClient]
ME = "/api/v1/users/me/"


@pytest.fixture
def subject() -> str:
    """Return a subject whom no other test erases: that is remembered beyond the database."""
    return str(uuid4())


def of(issuer: Issuer, subject: str, **claims: Any) -> APIClient:
    proven = {"email": "ann@example.com", "email_verified": True}
    client = APIClient()
    token = issuer.token(subject, **proven, **claims)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    return client


def test_a_person_is_erased_and_signs_in_to_another_account(issuer: Issuer, subject: str) -> None:
    client = of(issuer, subject, iat=int(time.time()) - 60)
    before = data(client.get(ME))

    assert client.delete(ME).status_code == 204

    assert User.objects.get(pk=before["id"]).is_erased
    # No token of before brings the person back, nor one that does not tell when it was issued.
    assert error_codes(client.get(ME)) == [("account_erased", None)]
    assert error_codes(of(issuer, subject, iat=None).get(ME)) == [("account_erased", None)]
    assert User.objects.count() == 1
    again = data(of(issuer, subject, iat=int(time.time()) + 5).get(ME))
    assert again["email"] == before["email"]
    assert again["id"] != before["id"]


@pytest.mark.parametrize(
    "claims",
    [
        {"iat": int(time.time()) - 400},
        {"auth_time": int(time.time()) - 400},
        {"auth_time": "now"},
        {"iat": None},
    ],
    ids=["issued long ago", "refreshed without the person", "no time", "nothing"],
)
def test_a_sign_in_that_is_too_old_is_refused(
    issuer: Issuer, subject: str, claims: dict[str, Any]
) -> None:
    response = of(issuer, subject, **claims).delete(ME)

    assert response.status_code == 403
    assert error_codes(response) == [("sign_in_too_old", None)]
    assert not User.objects.get().is_erased


def test_the_last_admin_is_told(sign_in: SignIn) -> None:
    client = sign_in(AdminFactory())

    response = client.delete(ME)

    assert response.status_code == 409
    assert error_codes(response) == [("last_admin", None)]
