"""Another address takes the password, and a token that was sent there."""

from collections.abc import Callable

import pytest
from django.core import mail
from rest_framework.test import APIClient

from apps.users.models import User
from tests.bodies import error_codes
from tests.factories.users import PASSWORD, UserFactory
from tests.integration.users.accounts.conftest import AUTH, Mails

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], APIClient]

ASK = {"email": "New@Example.com", "password": PASSWORD}


@pytest.fixture
def user() -> User:
    return UserFactory(email="ann@example.com")


def confirm(token: str):
    return APIClient().post(f"{AUTH}email/confirm/", {"token": token})


def test_the_address_changes_with_the_token_once(
    user: User, sign_in: SignIn, token_of: Callable[..., str]
) -> None:
    token = token_of("email", ASK, sign_in(user))

    user.refresh_from_db()
    assert user.email == "ann@example.com"
    assert [message.to for message in mail.outbox] == [["ann@example.com"], ["new@example.com"]]
    assert confirm(token).status_code == 204
    user.refresh_from_db()
    assert user.email == "new@example.com"
    assert error_codes(confirm(token)) == [("token_refused", "token")]


def test_a_new_password_ends_the_change(
    user: User, sign_in: SignIn, token_of: Callable[..., str]
) -> None:
    token = token_of("email", ASK, sign_in(user))
    user.set_password("another-password-that-is-good-enough")
    user.save()

    assert error_codes(confirm(token)) == [("token_refused", "token")]


def test_an_address_that_is_taken_is_not_told(user: User, sign_in: SignIn, mails: Mails) -> None:
    UserFactory(email="new@example.com")
    client = sign_in(user)

    answers = [
        mails.post("email", {**ASK, "email": email}, client)
        for email in ("new@example.com", "free@example.com")
    ]

    assert [answer.status_code for answer in answers] == [202, 202]
    assert [message.to[0] for message in mail.outbox] == [
        *("ann@example.com", "new@example.com", "ann@example.com", "free@example.com")
    ]
    assert "There is one already" in mail.outbox[1].body


def test_an_address_that_was_taken_since_is_a_conflict(
    user: User, sign_in: SignIn, token_of: Callable[..., str]
) -> None:
    token = token_of("email", ASK, sign_in(user))
    UserFactory(email="new@example.com")

    response = confirm(token)

    assert response.status_code == 409
    assert error_codes(response) == [("email_taken", "token")]


def test_the_password_is_asked_for(user: User, sign_in: SignIn, mails: Mails) -> None:
    response = mails.post("email", {**ASK, "password": "wrong"}, sign_in(user))

    assert error_codes(response) == [("password_wrong", "password")]
    assert mail.outbox == []
