"""Nobody gets an account by passwords or tokens of mails that were made up."""

from typing import Any

import pytest
from django.utils.module_loading import import_string
from hypothesis import given
from hypothesis import strategies as st

from apps.users.models import User
from apps.users.services.accounts.tokens import Purpose, state_of, token_make
from tests.bodies import error_codes
from tests.contract import made_up
from tests.e2e.http import Client
from tests.e2e.processes import WebServer
from tests.factories.users import PASSWORD, UserFactory

attempt = import_string("tests.e2e.authentication.{{ cookiecutter.auth }}.attempt")

ROUTES = {
    Purpose.REGISTRATION: "registration",
    Purpose.PASSWORD_RESET: "password-reset",
    Purpose.EMAIL_CHANGE: "email",
}


def test_made_up_password_signs_nobody_in(web: WebServer, admin: User) -> None:
    stranger = web.client()
    emails = st.just(admin.email) | made_up.changed(admin.email, made_up.BODY_TEXT) | made_up.JSON
    passwords = made_up.changed(PASSWORD, made_up.BODY_TEXT) | made_up.JSON

    @made_up.fuzz
    @given(emails, passwords)
    def refused(email: Any, password: Any) -> None:
        answer = attempt(stranger, email, password)

        assert 400 <= answer.status_code < 500
        assert stranger.get("/api/v1/users/me/").status_code == 401

    refused()


@pytest.mark.parametrize("purpose", Purpose)
def test_token_of_a_mail_that_was_changed_does_nothing(client: Client, purpose: Purpose) -> None:
    user = UserFactory()
    about = {"user": str(user.pk), "state": state_of(user)}
    content = {
        Purpose.REGISTRATION: {"email": "new@example.com"},
        Purpose.PASSWORD_RESET: about,
        Purpose.EMAIL_CHANGE: {**about, "email": "new@example.com"},
    }
    good = {each: token_make(each, **content[each]) for each in Purpose}
    # Also those that are good for something else.
    others = st.sampled_from([token for each, token in good.items() if each != purpose])
    count = User.objects.count()

    @made_up.fuzz
    @given(made_up.changed(good[purpose], made_up.HEADER_TEXT) | others)
    def refused(token: str) -> None:
        body = {"token": token, "password": "another-password-that-is-good-enough"}
        answer = client.post(f"/api/v1/auth/{ROUTES[purpose]}/confirm/", body)

        assert answer.status_code == 400
        assert error_codes(answer) == [("token_refused", "token")]

    refused()
    assert User.objects.count() == count
    assert User.objects.get(pk=user.pk).password == user.password
    assert User.objects.get(pk=user.pk).email == user.email
