"""Each check of ``manage.py check --deploy`` finds what is planted, and TASKS.md names each."""

import re
import sys
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.checks import Tags, run_checks
from django.urls import path
from django.views.static import serve
from pytest_django import Settings
from rest_framework.authentication import BasicAuthentication
from rest_framework.views import APIView

from config import urls
from core.security.deploy import DEPLOY_CHECKS

# Of the service's own: Django's are named there by nobody.
IDENTIFIER = r"`([a-z_]+\.[WI]\d{3})`"

REST: dict[str, Any] = django_settings.REST_FRAMEWORK
SECURITY = django_settings.SECURITY_MIDDLEWARE
PUBLIC = {"script-src": ["'self'", "'unsafe-inline'"]}
KEY = "one-key-that-is-used-for-two-things-0123456789-abcdefgh"


class Unguarded(APIView):
    permission_classes = ()


class Unknown(APIView):
    throttle_scope = "unknown"


class Basic(APIView):
    authentication_classes = (BasicAuthentication,)


urlpatterns: list[Any] = [*urls.urlpatterns]


def rest(**changes: Any) -> dict[str, Any]:
    """Return settings of the framework as production has them, and ``changes``."""
    rates = dict.fromkeys(REST["DEFAULT_THROTTLE_RATES"], "5/minute")
    return {
        "REST_FRAMEWORK": {**REST, "NUM_PROXIES": 1, "DEFAULT_THROTTLE_RATES": rates, **changes}
    }


@pytest.fixture(autouse=True)
def _production(settings: Settings) -> None:
    """Put back what the tests' own settings weaken, and what production's set."""
    apply(settings, rest())
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if not name.startswith("zeal.")]
    settings.ADMIN_SECOND_FACTOR = True
    settings.TRUSTED_PROXIES = 1
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.SECURE_HSTS_SECONDS = 31536000
    settings.CORS_ALLOWED_ORIGINS = ["https://app.example.com"]
    settings.CSRF_TRUSTED_ORIGINS = ["https://app.example.com"]
    settings.ROOT_URLCONF = __name__
    apply(settings, mail("smtp"))


def apply(settings: Settings, changes: dict[str, Any]) -> None:
    for name, value in changes.items():
        setattr(settings, name, value)


def mail(backend: str) -> dict[str, Any]:
    path = f"django.core.mail.backends.{backend}.EmailBackend"
    # % if cookiecutter.django_version == "6.1"
    name, value = "MAILERS", {"default": {"BACKEND": path}}
    # % else
    name, value = "EMAIL_BACKEND", path
    # % endif
    return {name: value}


def findings() -> list[tuple[str, str]]:
    """Return the id and the sentence of what the service's own checks find."""
    found = run_checks(tags=[Tags.security], include_deployment_checks=True)
    return [(str(one.id), one.msg) for one in found if one.id in DEPLOY_CHECKS]


def test_settings_of_production_are_in_order() -> None:
    assert findings() == []


FAULTS: list[tuple[str, dict[str, Any], str]] = [
    (
        "deploy.W001",
        {"PASSWORD_HASHERS": ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]},
        "New passwords are not hashed with Argon2.",
    ),
    (
        "deploy.W002",
        {"AUTH_PASSWORD_VALIDATORS": django_settings.AUTH_PASSWORD_VALIDATORS[:2]},
        "Passwords are not checked by CommonPasswordValidator.",
    ),
    (
        "deploy.W003",
        {"CORS_ALLOW_ALL_ORIGINS": True},
        "CORS_ALLOW_ALL_ORIGINS lets the pages of every origin call the API.",
    ),
    (
        "deploy.W003",
        {"CORS_ALLOWED_ORIGIN_REGEXES": [r"^https://.*example\.com$"]},
        "CORS_ALLOWED_ORIGIN_REGEXES may let in more origins than it seems.",
    ),
    (
        "deploy.W003",
        {"CORS_ALLOWED_ORIGINS": ["http://app.example.com"]},
        "CORS_ALLOWED_ORIGINS has an origin that anybody on its way can speak for.",
    ),
    *(
        (
            "deploy.W004",
            {"CSRF_TRUSTED_ORIGINS": [origin]},
            "CSRF_TRUSTED_ORIGINS trusts more than single origins with https://.",
        )
        for origin in ("https://*.example.com", "http://app.example.com")
    ),
    (
        "deploy.W005",
        {"SESSION_COOKIE_AGE": 31 * 24 * 3600},
        "A session lasts for longer than 30 days.",
    ),
    (
        "deploy.W005",
        {"SESSION_IDLE_SECONDS": 24 * 3600},
        "A session may be idle for longer than it lasts.",
    ),
    (
        "deploy.W005",
        {"MIDDLEWARE": SECURITY},
        "Nothing ends sessions: SessionLifetimeMiddleware is not in MIDDLEWARE.",
    ),
    (
        "deploy.W006",
        {"SESSION_COOKIE_SAMESITE": "None"},
        "SESSION_COOKIE_SAMESITE is neither Lax nor Strict.",
    ),
    (
        "deploy.W006",
        {"CSRF_COOKIE_SAMESITE": False},
        "CSRF_COOKIE_SAMESITE is neither Lax nor Strict.",
    ),
    *(
        (
            "deploy.W007",
            rest(DEFAULT_PERMISSION_CLASSES=classes),
            "DEFAULT_PERMISSION_CLASSES lets everybody in.",
        )
        for classes in ([], ["rest_framework.permissions.AllowAny"])
    ),
    (
        "deploy.W009",
        rest(DEFAULT_THROTTLE_CLASSES=[]),
        "DEFAULT_THROTTLE_CLASSES is empty: nobody is throttled.",
    ),
    (
        "deploy.W009",
        rest(
            DEFAULT_THROTTLE_RATES={
                **dict.fromkeys(REST["DEFAULT_THROTTLE_RATES"], "5/day"),
                "anon": None,
            }
        ),
        "The throttle scope 'anon' has no rate.",
    ),
    (
        "deploy.W010",
        rest(DEFAULT_AUTHENTICATION_CLASSES=["rest_framework.authentication.BasicAuthentication"]),
        "BasicAuthentication takes passwords with every request, and counts no tries.",
    ),
    *(
        (
            "deploy.W011",
            rest(NUM_PROXIES=number),
            "NUM_PROXIES is not TRUSTED_PROXIES: callers may make up their address.",
        )
        for number in (None, 2)
    ),
    (
        "deploy.W011",
        {"TRUSTED_PROXIES": 0},
        "SECURE_PROXY_SSL_HEADER is set without a proxy: callers may claim TLS.",
    ),
    (
        "deploy.W011",
        {"USE_X_FORWARDED_HOST": True},
        "The host or the port is taken from X-Forwarded-Host or X-Forwarded-Port.",
    ),
    (
        "deploy.W012",
        {"MIDDLEWARE": ["core.health.middleware.HealthMiddleware"]},
        "SECURITY_MIDDLEWARE does not stand around all other middleware.",
    ),
    ("deploy.W012", {"SECURE_CSP": PUBLIC}, "SECURE_CSP lets pages run scripts of others."),
    (
        "deploy.W012",
        {"SECURE_CSP_PAGES": {"img-src": ["'self'"]}},
        "SECURE_CSP_PAGES lets pages run scripts of others.",
    ),
    (
        "deploy.W015",
        {"SECRET_KEY": KEY, "METRICS_TOKENS": [KEY]},
        f"Two of {', '.join(django_settings.SECRET_SETTINGS)} are one and the same.",
    ),
    (
        "deploy.W015",
        {"SECRET_KEY": KEY, "SECRET_KEY_FALLBACKS": [KEY]},
        f"Two of {', '.join(django_settings.SECRET_SETTINGS)} are one and the same.",
    ),
    (
        "deploy.W016",
        mail("console"),
        "Mail goes to no server: nobody gets it, and the log has what was meant for one.",
    ),
    *(
        (
            "deploy.W017",
            {"DATA_UPLOAD_MAX_MEMORY_SIZE": size},
            "A request may fill the memory with its body.",
        )
        for size in (None, 100 * 1024 * 1024)
    ),
    (
        "deploy.W017",
        {"DATA_UPLOAD_MAX_NUMBER_FIELDS": None},
        "A form may have any number of fields.",
    ),
    (
        "deploy.W018",
        {"DEBUG_PROPAGATE_EXCEPTIONS": True},
        "DEBUG_PROPAGATE_EXCEPTIONS hands errors to the web server, past the error contract.",
    ),
    (
        "deploy.W019",
        {"ADMIN_SECOND_FACTOR": False},
        "A password alone opens the admin: ADMIN_SECOND_FACTOR is off.",
    ),
    (
        "deploy.I001",
        {"SECURE_HSTS_SECONDS": 3600},
        "Browsers are told to stay with HTTPS for less than a year.",
    ),
    (
        "deploy.I002",
        {"TRUSTED_PROXIES": 0},
        "No proxy is trusted: what comes through one is sent to HTTPS for ever.",
    ),
]


@pytest.mark.parametrize(("identifier", "changes", "sentence"), FAULTS)
def test_setting_that_is_not_safe_is_found(
    settings: Settings, identifier: str, changes: dict[str, Any], sentence: str
) -> None:
    apply(settings, changes)

    assert (identifier, sentence) in findings()


ROUTES = [
    (
        "deploy.W008",
        Unguarded.as_view(),
        "Unguarded has no permission class, so everybody may do what it does.",
    ),
    ("deploy.W009", Unknown.as_view(), "The throttle scope 'unknown' has no rate."),
    (
        "deploy.W010",
        Basic.as_view(),
        "BasicAuthentication takes passwords with every request, and counts no tries.",
    ),
    ("deploy.W013", serve, "The route planted/ is for debugging."),
]


@pytest.mark.parametrize(("identifier", "view", "sentence"), ROUTES)
def test_route_that_is_not_safe_is_found(
    monkeypatch, identifier: str, view: Any, sentence: str
) -> None:
    planted = [*urlpatterns, path("planted/", view)]
    monkeypatch.setattr(sys.modules[__name__], "urlpatterns", planted)

    assert (identifier, sentence) in findings()


@pytest.mark.parametrize("formatter", [None, "bare"])
def test_log_that_is_not_redacted_is_found(monkeypatch, formatter: str | None) -> None:
    monkeypatch.setitem(django_settings.LOGGING["formatters"], "bare", {"()": "logging.Formatter"})
    handler = {"class": "logging.NullHandler", "formatter": formatter}
    monkeypatch.setitem(django_settings.LOGGING["handlers"], "file", handler)

    found = ("deploy.W014", "The log handler 'file' writes secrets as they come.")
    assert found in findings()


def test_app_for_debugging_is_found(monkeypatch) -> None:
    monkeypatch.setattr(
        django_settings, "INSTALLED_APPS", [*django_settings.INSTALLED_APPS, "silk"]
    )

    assert ("deploy.W013", "silk is among INSTALLED_APPS.") in findings()


def test_every_check_of_the_room_has_its_fault() -> None:
    planted = {identifier for identifier, _, _ in [*FAULTS, *ROUTES]}

    assert planted | {"deploy.W014"} == {one for one in DEPLOY_CHECKS if one.startswith("deploy.")}


def test_every_check_has_a_hint_with_a_link(settings: Settings) -> None:
    settings.DEBUG_PROPAGATE_EXCEPTIONS = True

    [found] = [
        one
        for one in run_checks(tags=[Tags.security], include_deployment_checks=True)
        if one.id in DEPLOY_CHECKS
    ]

    assert found.hint == (
        "Leave DEBUG_PROPAGATE_EXCEPTIONS off. "
        "https://docs.djangoproject.com/en/stable/ref/settings/#debug-propagate-exceptions"
    )
    assert not found.is_silenced()


def test_checks_are_for_what_is_deployed_alone(settings: Settings) -> None:
    settings.DEBUG_PROPAGATE_EXCEPTIONS = True

    assert not {one.id for one in run_checks(tags=[Tags.security])} & DEPLOY_CHECKS.keys()


def test_tasks_name_every_check_and_no_other() -> None:
    text = (django_settings.PROJECT_DIR / "TASKS.md").read_text("utf-8")

    assert set(re.findall(IDENTIFIER, text)) == DEPLOY_CHECKS.keys()
