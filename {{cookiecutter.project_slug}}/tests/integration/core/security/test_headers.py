"""Every kind of answer has the headers that it should have, whoever gives it."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client, override_settings

from apps.users.models import User
from core.security.early import refusal
from tests.factories.users import UserFactory
from tests.metrics import AUTHORIZATION, TOKEN

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.integration.core.security.urls")]

ORIGIN = "https://app.example.com"
YEAR = "max-age=31536000"

Policy = dict[str, str]

DATA = {
    "default-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
}
PAGE = {
    **DATA,
    "connect-src": "'self'",
    "form-action": "'self'",
    "img-src": "'self' data:",
    "script-src": "'self'",
    "style-src": "'self'",
}

EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@dataclass(frozen=True)
class Kind:
    """One kind of answer: how to get it, and what is its own."""

    path: str
    status: int
    policy: Policy = field(default_factory=lambda: DATA)
    method: str = "get"
    is_secure: bool = True
    is_admin: bool = False
    headers: dict[str, str] = field(default_factory=dict)


PREFLIGHT = {"origin": ORIGIN, "access-control-request-method": "GET"}
KINDS = {
    "data": Kind("/api/v1/users/me/", 200, is_admin=True),
    "schema": Kind("/api/schema/", 200),
    "not-signed-in": Kind("/api/v1/users/me/", 401),
    "forbidden-without-csrf": Kind("/admin/login/", 403, method="post"),
    "unknown-route": Kind("/nowhere/", 404),
    "unknown-route-of-the-api": Kind("/api/nowhere/", 404),
    "method-not-allowed": Kind("/api/schema/", 405, method="delete"),
    "length-required": Kind(
        "/api/v1/users/me/", 411, method="generic", headers={"transfer-encoding": "chunked"}
    ),
    "crash": Kind("/crash/", 500),
    "crash-of-the-api": Kind("/api/crash/", 500),
    "foreign-host": Kind("/nowhere/", 400, headers={"host": "evil.example"}),
    "foreign-host-of-the-api": Kind("/api/schema/", 400, headers={"host": "evil.example"}),
    "foreign-host-over-http": Kind(
        "/api/schema/", 400, headers={"host": "evil.example"}, is_secure=False
    ),
    "redirect-to-https": Kind("/api/schema/", 301, PAGE, is_secure=False),
    "redirect-to-sign-in": Kind("/admin/", 302, PAGE),
    "redirect-to-slash": Kind("/api/schema", 301, PAGE),
    "live": Kind("/live/", 200, is_secure=False),
    "ready": Kind("/ready/", 200, is_secure=False),
    "healthz": Kind("/healthz/", 200),
    "metrics": Kind("/metrics", 200, headers={"authorization": AUTHORIZATION}, is_secure=False),
    "metrics-without-token": Kind("/metrics", 401),
    "static-file": Kind("/static/admin/css/base.css", 200),
    "missing-static-file": Kind("/static/nowhere.css", 404),
    "preflight": Kind("/api/schema/", 200, PAGE, method="options", headers=PREFLIGHT),
    "sign-in-of-the-admin": Kind("/admin/login/", 200, PAGE),
    "admin": Kind("/admin/", 200, PAGE, is_admin=True),
    "list-of-the-admin": Kind("/admin/users/user/", 200, PAGE, is_admin=True),
    "script-of-the-admin": Kind("/admin/jsi18n/", 200, is_admin=True),
    "unknown-route-of-the-admin": Kind("/admin/nowhere/", 404, is_admin=True),
}
NEITHER = ("docs", "redoc")
DOCUMENTATION = {name: Kind(f"/api/{name}/", 200) for name in NEITHER}


@pytest.fixture(autouse=True)
def _production(settings) -> None:
    """Answer as production does."""
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_HSTS_SECONDS = 31536000
    settings.SESSION_COOKIE_SECURE = True
    settings.CSRF_COOKIE_SECURE = True
    settings.METRICS_TOKENS = [TOKEN]
    # Static files as they lie in the packages: nothing was collected.
    settings.WHITENOISE_USE_FINDERS = True


@pytest.fixture
def ask(sign_in: Callable[[User], Any]) -> Callable[[Kind], HttpResponse]:
    """Return a function that gets an answer of a kind."""

    def ask(kind: Kind) -> HttpResponse:
        if kind.is_admin and kind.path.startswith("/api/"):
            # Tests sign in over plain HTTP.
            with override_settings(SECURE_SSL_REDIRECT=False):
                client = sign_in(UserFactory())
        else:
            client = Client(raise_request_exception=False, enforce_csrf_checks=True)
            if kind.is_admin:
                client.force_login(User.objects.create_superuser("root@example.com", "x"))
        arguments: dict[str, Any] = {"headers": kind.headers, "secure": kind.is_secure}
        if kind.method == "generic":
            return client.generic("PATCH", kind.path, **arguments)
        with closing(getattr(client, kind.method)(kind.path, **arguments)) as response:
            return response

    return ask


def policy_of(headers: Any) -> Policy:
    """Return the policy by its directives, whose order has no meaning."""
    directives = headers["Content-Security-Policy"].split("; ")
    return dict(directive.split(" ", 1) for directive in directives)


@pytest.mark.parametrize("kind", [*KINDS.values(), *DOCUMENTATION.values()], ids=[*KINDS, *NEITHER])
def test_answer_has_every_header(ask: Callable[[Kind], HttpResponse], kind: Kind) -> None:
    response = ask(kind)

    assert response.status_code == kind.status
    assert {name: response.get(name) for name in EVERYWHERE} == EVERYWHERE
    assert response.get("Strict-Transport-Security") == (YEAR if kind.is_secure else None)
    denied = response["Permissions-Policy"].split(", ")
    assert {"camera=()", "geolocation=()", "microphone=()", "payment=()"} <= set(denied)
    assert all(feature.endswith("=()") for feature in denied)


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_answer_may_load_as_little_as_it_needs(
    ask: Callable[[Kind], HttpResponse], kind: Kind
) -> None:
    assert policy_of(ask(kind)) == kind.policy


@pytest.mark.parametrize("kind", DOCUMENTATION.values(), ids=DOCUMENTATION)
def test_documentation_runs_nothing_inline(ask: Callable[[Kind], HttpResponse], kind: Kind) -> None:
    response = ask(kind)

    policy = policy_of(response)
    assert policy["default-src"] == policy["frame-ancestors"] == "'none'"
    assert policy["script-src"] == "'self'"
    assert "unsafe" not in response["Content-Security-Policy"]


def test_what_the_web_server_refuses_has_every_header() -> None:
    head, _, _ = refusal(400).decode().partition("\r\n\r\n")

    answer = dict(line.split(": ", 1) for line in head.splitlines()[1:])
    assert {name: answer.get(name) for name in EVERYWHERE} == EVERYWHERE
    assert policy_of(answer) == DATA
    assert "camera=()" in answer["Permissions-Policy"]
    # Whether it went over TLS is not known.
    assert "Strict-Transport-Security" not in answer


def test_view_may_have_a_policy_of_its_own() -> None:
    response = Client().get("/own-policy/", secure=True)

    assert response["Content-Security-Policy"] == "default-src 'self'"


def test_headers_that_a_view_sets_stay() -> None:
    response = Client().get("/own-headers/", secure=True)

    assert response["Content-Security-Policy"] == "default-src https:"
    assert response["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert response["Referrer-Policy"] == "no-referrer"
    assert response["X-Frame-Options"] == "SAMEORIGIN"


def test_hsts_names_subdomains_and_preloading_where_they_are_switched_on(settings) -> None:
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    settings.SECURE_HSTS_PRELOAD = True

    response = Client().get("/api/schema/", secure=True)

    assert response["Strict-Transport-Security"] == f"{YEAR}; includeSubDomains; preload"


@pytest.mark.parametrize(
    "path",
    ["/api/schema/", "/api/nowhere/", "/admin/login/", "/live/", "/static/admin/css/base.css"],
)
def test_no_other_origin_may_read_an_answer(settings, path: str) -> None:
    assert settings.CORS_ALLOWED_ORIGINS == []

    with closing(Client().get(path, headers={"origin": ORIGIN}, secure=True)) as response:
        given = list(response.headers)

    assert [name for name in given if name.startswith("Access-Control-")] == []


def test_preflight_of_an_unknown_origin_allows_nothing() -> None:
    response = Client().options("/api/schema/", headers=PREFLIGHT, secure=True)

    assert [name for name in response.headers if name.startswith("Access-Control-")] == []


def test_known_origin_may_read_answers_of_the_api_alone(settings) -> None:
    settings.CORS_ALLOWED_ORIGINS = [ORIGIN]
    client = Client()

    of_the_api = client.get("/api/schema/", headers={"origin": ORIGIN}, secure=True)
    of_the_admin = client.get("/admin/login/", headers={"origin": ORIGIN}, secure=True)

    assert of_the_api["Access-Control-Allow-Origin"] == ORIGIN
    assert "Access-Control-Allow-Origin" not in of_the_admin


@pytest.mark.parametrize("name", ["ETag", "Location", "Retry-After", "X-Request-ID"])
def test_known_origin_may_read_the_header(settings, name: str) -> None:
    settings.CORS_ALLOWED_ORIGINS = [ORIGIN]

    response = Client().get("/api/schema/", headers={"origin": ORIGIN}, secure=True)

    assert name in response["Access-Control-Expose-Headers"].split(", ")


def test_cookies_go_over_tls_alone_and_not_to_other_sites() -> None:
    root = User.objects.create_superuser("root@example.com", "x")
    client = Client()
    client.get("/admin/login/", secure=True)

    client.post(
        "/admin/login/",
        {"username": root.email, "password": "x", "next": "/admin/"},
        secure=True,
    )

    assert set(client.cookies) == {"csrftoken", "sessionid"}
    assert all(cookie["secure"] for cookie in client.cookies.values())
    assert {cookie["samesite"] for cookie in client.cookies.values()} == {"Lax"}
    assert client.cookies["sessionid"]["httponly"] is True


def test_claim_of_tls_gains_nothing_without_a_proxy(settings) -> None:
    settings.SECURE_PROXY_SSL_HEADER = None

    response = Client().get("/api/schema/", headers={"x-forwarded-proto": "https"})

    assert response.status_code == 301
    assert "Strict-Transport-Security" not in response


def test_proxy_tells_of_tls(settings) -> None:
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

    response = Client().get("/api/schema/", headers={"x-forwarded-proto": "https"})

    assert response.status_code == 200
    assert response["Strict-Transport-Security"] == YEAR
