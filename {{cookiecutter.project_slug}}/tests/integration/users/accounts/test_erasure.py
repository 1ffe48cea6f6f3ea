"""People erase themselves, with their password."""

from collections.abc import Callable

import pytest
from django.core.cache import cache
from rest_framework.test import APIClient
from rest_framework.throttling import ScopedRateThrottle

from apps.users.models import User
from apps.users.services.accounts.tokens import Purpose, state_of, token_make
from tests.bodies import error_codes
from tests.factories.users import PASSWORD, AdminFactory, UserFactory

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], APIClient]
ME = "/api/v1/users/me/"


def test_a_person_is_erased_and_can_sign_in_no_more(sign_in: SignIn) -> None:
    user = UserFactory(email="ann@example.com")
    client, other = sign_in(user), sign_in(user)

    response = client.delete(ME, {"password": PASSWORD})

    assert response.status_code == 204
    user.refresh_from_db()
    assert user.is_erased
    assert [each.get(ME).status_code for each in (client, other)] == [401, 401]


def test_a_wrong_password_or_none_erases_nobody(sign_in: SignIn) -> None:
    user = UserFactory()
    client = sign_in(user)

    assert error_codes(client.delete(ME, {"password": "x"})) == [("password_wrong", "password")]
    assert error_codes(client.delete(ME)) == [("required", "password")]
    user.refresh_from_db()
    assert not user.is_erased


def test_passwords_are_not_guessed_here(sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ScopedRateThrottle, "THROTTLE_RATES", {"account": "2/hour"})
    cache.clear()
    client = sign_in(UserFactory())

    statuses = [client.delete(ME, {"password": "x"}).status_code for _ in range(3)]

    assert statuses == [400, 400, 429]
    # Reading is another matter.
    assert client.get(ME).status_code == 200
    cache.clear()


def test_a_token_of_a_mail_from_before_is_good_for_nothing(sign_in: SignIn) -> None:
    user = UserFactory()
    state = {"user": str(user.pk), "state": state_of(user)}
    reset = token_make(Purpose.PASSWORD_RESET, **state)
    change = token_make(Purpose.EMAIL_CHANGE, **state, email="new@example.com")

    sign_in(user).delete(ME, {"password": PASSWORD})

    for route, body in (
        ("password-reset", {"token": reset, "password": PASSWORD}),
        ("email", {"token": change}),
    ):
        response = APIClient().post(f"/api/v1/auth/{route}/confirm/", body)
        assert error_codes(response) == [("token_refused", "token")]


def test_the_last_admin_is_told(sign_in: SignIn) -> None:
    client = sign_in(AdminFactory())

    response = client.delete(ME, {"password": PASSWORD})

    assert response.status_code == 409
    assert error_codes(response) == [("last_admin", None)]
