"""Tokens as cookies: what a browser sends on its own is not enough to change anything."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.urls import include, path
from rest_framework.test import APIClient
from rest_framework.views import APIView

from apps.users.authentication.jwt.backend import CookieAuthentication, JWTAuthentication
from apps.users.authentication.jwt.tokens import RefreshToken
from apps.users.models import User
from config import urls
from tests.bodies import data, error_codes
from tests.e2e.processes import of_the_machine
from tests.factories.users import PASSWORD, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]

urlpatterns = [
    *urls.urlpatterns,
    path("api/v1/auth/", include("apps.users.authentication.jwt.cookie_urls")),
]

ME = "/api/v1/users/me/"
SIGN_IN = "/api/v1/auth/cookies/"
REFRESH = "/api/v1/auth/cookies/refresh/"
SIGN_OUT = "/api/v1/auth/cookies/logout/"
COOKIES = ("__Host-access", "__Host-refresh")
ORIGIN = "https://testserver"
TIMEOUT_SECONDS = 60


@pytest.fixture(autouse=True)
def _cookies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Switch on what JWT_COOKIES does; the routes are above."""
    classes = [JWTAuthentication, CookieAuthentication]
    monkeypatch.setattr(APIView, "authentication_classes", classes)


@pytest.fixture
def user() -> User:
    return UserFactory(email="ann@example.com")


class Browser(APIClient):
    """Keeps cookies, and has a CSRF token that it sends when it is told to."""

    def __init__(self) -> None:
        super().__init__(enforce_csrf_checks=True)
        self.csrf_token = data(self.get("/api/v1/auth/csrf/", secure=True))["csrf_token"]

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> HttpResponse:
        headers = {"Origin": ORIGIN, "X-CSRFToken": self.csrf_token} | headers
        return getattr(self, method)(path, body, headers=headers, secure=True)


@pytest.fixture
def browser(user: User) -> Browser:
    """Return a browser that has signed in."""
    browser = Browser()
    response = browser.send("post", SIGN_IN, {"email": user.email, "password": PASSWORD})
    assert response.status_code == 204
    return browser


def test_signing_in_sets_cookies_that_no_script_reads(user: User) -> None:
    response = Browser().send("post", SIGN_IN, {"email": user.email, "password": PASSWORD})

    assert response.status_code == 204
    assert response.content == b""
    assert "no-store" in response["Cache-Control"]
    lifetimes = [15 * 60, 7 * 24 * 60 * 60]
    for name, lifetime in zip(COOKIES, lifetimes, strict=True):
        cookie = response.cookies[name]
        assert (cookie["httponly"], cookie["secure"], cookie["samesite"]) == (True, True, "Strict")
        assert (cookie["path"], cookie["domain"], cookie["max-age"]) == ("/", "", lifetime)
    user.refresh_from_db()
    assert user.last_login is not None


def test_the_cookie_lets_in(browser: Browser, user: User) -> None:
    response = browser.get(ME, secure=True)

    assert data(response)["id"] == str(user.pk)


def test_a_wrong_password_sets_no_cookie(user: User) -> None:
    response = Browser().send("post", SIGN_IN, {"email": user.email, "password": "wrong"})

    assert response.status_code == 401
    assert error_codes(response) == [("no_active_account", None)]
    assert not set(COOKIES) & set(response.cookies)


@pytest.mark.parametrize(
    "headers",
    [{"X-CSRFToken": ""}, {"X-CSRFToken": "a" * 64}, {"Origin": "https://evil.example.com"}],
    ids=["no token", "another token", "another origin"],
)
@pytest.mark.parametrize(
    ("method", "path"), [("patch", ME), ("post", SIGN_IN), ("post", REFRESH), ("post", SIGN_OUT)]
)
def test_a_write_needs_a_csrf_token_and_an_origin_of_ours(
    browser: Browser, user: User, method: str, path: str, headers: dict[str, str]
) -> None:
    body = {"email": user.email, "password": PASSWORD, "first_name": "Eve"}

    response = browser.send(method, path, body, **headers)

    assert response.status_code == 403
    assert error_codes(response) == [("csrf_failed", None)]
    assert browser.get(ME, secure=True).status_code == 200


def test_a_write_with_a_csrf_token_is_done(browser: Browser) -> None:
    response = browser.send("patch", ME, {"first_name": "Ada"}, **{"If-Match": '"1"'})

    assert data(response)["first_name"] == "Ada"


def test_a_token_in_the_header_needs_no_csrf_token_and_wins(browser: Browser) -> None:
    other = UserFactory()
    token = RefreshToken.for_user(other).access_token

    response = browser.get(ME, headers={"Authorization": f"Bearer {token}"}, secure=True)
    refused = browser.get(ME, headers={"Authorization": "Bearer none"}, secure=True)
    written = browser.patch(
        ME,
        {"first_name": "Ada"},
        headers={"Authorization": f"Bearer {token}", "If-Match": '"1"'},
        secure=True,
    )

    assert data(response)["id"] == str(other.pk)
    assert refused.status_code == 401
    assert written.status_code == 200


def test_refreshing_sets_new_cookies_and_the_old_ones_end_the_family(browser: Browser) -> None:
    old = browser.cookies["__Host-refresh"].value

    refreshed = browser.send("post", REFRESH)
    new = browser.cookies["__Host-refresh"].value
    let_in = browser.get(ME, secure=True)
    browser.cookies["__Host-refresh"] = old
    replayed = browser.send("post", REFRESH)

    assert (refreshed.status_code, let_in.status_code) == (204, 200)
    assert set(COOKIES) <= set(refreshed.cookies)
    assert new != old
    assert replayed.status_code == 401
    assert error_codes(replayed) == [("token_not_valid", None)]
    assert browser.get(ME, secure=True).status_code == 401


def test_refreshing_without_a_cookie_is_refused() -> None:
    response = Browser().send("post", REFRESH)

    assert response.status_code == 401
    assert error_codes(response) == [("token_not_valid", None)]


def test_signing_out_ends_the_family_and_removes_the_cookies(browser: Browser) -> None:
    access = browser.cookies["__Host-access"].value

    responses = [browser.send("post", SIGN_OUT) for _ in range(2)]

    assert [response.status_code for response in responses] == [204, 204]
    for name in COOKIES:
        cookie = responses[0].cookies[name]
        assert (cookie.value, cookie["max-age"], cookie["secure"]) == ("", 0, True)
    header = {"Authorization": f"Bearer {access}"}
    assert APIClient().get(ME, headers=header).status_code == 401


@pytest.mark.parametrize(("value", "expected"), [("true", "1 True True"), ("", "0 False False")])
def test_the_variable_switches_cookies_on(value: str, expected: str, tmp_path: Path) -> None:
    """In a process of its own, since settings are read once; its description has no warnings."""
    program = f"""
from django.conf import settings
from django.core.management import call_command
from django.urls import NoReverseMatch, reverse
try:
    found = reverse("cookie-sign-in") == "{SIGN_IN}"
except NoReverseMatch:
    found = False
classes = settings.REST_FRAMEWORK["DEFAULT_AUTHENTICATION_CLASSES"]
print(sum("Cookie" in name for name in classes), found, settings.CORS_ALLOW_CREDENTIALS)
call_command("spectacular", "--validate", "--fail-on-warn", "--file", "{tmp_path / "api.yaml"}")
"""
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "-v0", "-c", program],
        cwd=settings.SOURCE_DIR,
        env=of_the_machine()
        | {"DJANGO_SETTINGS_MODULE": "config.settings.test", "JWT_COOKIES": value},
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
        check=False,
    )

    assert done.stdout.strip() == expected, done.stderr
    assert done.returncode == 0, done.stderr
    assert ("cookieAuth" in (tmp_path / "api.yaml").read_text()) == (value == "true")


def test_right_password_is_refused_after_too_many_wrong_ones(user: User, two_tries: None) -> None:
    browser = Browser()
    answers = [
        browser.send("post", SIGN_IN, {"email": user.email, "password": password})
        for password in ("wrong", "wrong", PASSWORD)
    ]

    assert [answer.status_code for answer in answers] == [401, 401, 429]
    assert error_codes(answers[-1]) == [("locked_out", None)]
    assert not answers[-1].cookies.keys() & set(COOKIES)
