"""A forgotten password is replaced with a mail, a known one with itself; either ends sign-ins."""

from collections.abc import Callable

import pytest
from django.core import mail
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from apps.users.models import User
from tests.bodies import data, error_codes
from tests.factories.users import PASSWORD, UserFactory
from tests.integration.users.accounts.conftest import AUTH, Mails

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], APIClient]

ME = "/api/v1/users/me/"
NEW = "another-password-that-is-good-enough"


@pytest.fixture
def user() -> User:
    return UserFactory(email="ann@example.com")


def reset(token: str, password: str = NEW):
    return APIClient().post(
        f"{AUTH}password-reset/confirm/", {"token": token, "password": password}
    )


def test_a_forgotten_password_is_replaced_once_and_all_sign_ins_end(
    user: User, sign_in: SignIn, token_of: Callable[..., str]
) -> None:
    client = sign_in(user)
    token = token_of("password-reset", {"email": "Ann@example.com"})

    assert error_codes(reset(token, "password")) == [("password_refused", "password")]
    assert reset(token).status_code == 204
    user.refresh_from_db()
    assert user.check_password(NEW)
    assert client.get(ME).status_code == 401
    assert error_codes(reset(token)) == [("token_refused", "token")]


def test_a_token_from_before_another_address_or_of_a_closed_account_is_refused(
    user: User, token_of: Callable[..., str]
) -> None:
    token = token_of("password-reset", {"email": user.email})

    User.objects.update(is_active=False)
    assert error_codes(reset(token)) == [("token_refused", "token")]
    User.objects.update(is_active=True, email="other@example.com")
    assert error_codes(reset(token)) == [("token_refused", "token")]


def test_whether_there_is_an_account_is_not_told(
    user: User, mails: Mails, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """Nothing is looked up before the answer. Mail goes to who may sign in with a password."""
    UserFactory(email="closed@example.com", is_active=False)
    keyless = UserFactory(email="keyless@example.com")
    keyless.set_unusable_password()
    keyless.save()
    addresses = [user.email, "nobody@example.com", "closed@example.com", keyless.email]
    client = APIClient(HTTP_X_REQUEST_ID="same")

    with django_assert_num_queries(0):
        answers = [client.post(f"{AUTH}password-reset/", {"email": each}) for each in addresses]
    for each in addresses:
        mails.post("password-reset", {"email": each})

    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.content for answer in answers}) == 1
    assert [message.to for message in mail.outbox] == [[user.email]]


def test_a_known_password_is_replaced_and_the_other_sign_ins_end(
    user: User, sign_in: SignIn
) -> None:
    other, client = sign_in(user), sign_in(user)

    response = client.post(f"{AUTH}password/", {"password": PASSWORD, "new_password": NEW})

    user.refresh_from_db()
    assert response.status_code == 204
    assert user.check_password(NEW)
    assert other.get(ME).status_code == 401
    # With tokens, the caller signs in again.
    expected = {"session": 200, "jwt": 401}["{{ cookiecutter.auth }}"]
    assert client.get(ME).status_code == expected
    assert data(sign_in(user).get(ME))["id"] == str(user.pk)


@pytest.mark.parametrize(
    ("body", "codes"),
    [
        ({"password": "wrong", "new_password": NEW}, [("password_wrong", "password")]),
        (
            {"password": PASSWORD, "new_password": "password"},
            [("password_refused", "new_password")],
        ),
    ],
)
def test_a_password_is_kept_where_the_change_is_refused(
    user: User, sign_in: SignIn, body: dict[str, str], codes: list[tuple[str, str]]
) -> None:
    client = sign_in(user)

    response = client.post(f"{AUTH}password/", body)

    user.refresh_from_db()
    assert response.status_code == 400
    assert error_codes(response) == codes
    assert user.check_password(PASSWORD)
    assert client.get(ME).status_code == 200
