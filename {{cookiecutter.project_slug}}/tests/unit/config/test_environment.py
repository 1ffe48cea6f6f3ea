"""Production's environment is checked variable by variable."""

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import environment
from config.environment import Env, Values, Variable, problems, require
from config.settings.variables import VARIABLES
from tests.production import example

NAMES = [variable.name for variable in VARIABLES]
REQUIRED = [variable.name for variable in VARIABLES if not variable.is_optional]

FIELD_KEY = "abcdefghijklmnopqrstuvwxyz-0123456789-ABCDA"
MALFORMED = [
    ("SECRET_KEY", "0123456789-tell-nobody"),
    ("SECRET_KEY", "a" * 60),
    ("SECRET_KEY", "django-insecure-0123456789abcdefghijklmnopqrstuvwxyz-0123456789"),
    ("SECRET_KEY_FALLBACKS", "0123456789-abcdefghijklmnopqrstuvwxyz-0123456789-abcdef,short"),
    ("FIELD_ENCRYPTION_KEYS", ","),
    ("FIELD_ENCRYPTION_KEYS", "0123456789-abcdefghijklmnopqrstuvwxyz-01234"),
    ("FIELD_ENCRYPTION_KEYS", f"development:{'A' * 43}"),
    ("FIELD_ENCRYPTION_KEYS", f"one:{FIELD_KEY},one:{FIELD_KEY[::-1]}"),
    ("FIELD_ENCRYPTION_KEYS", f"one:{FIELD_KEY},two:{FIELD_KEY}"),
    ("FIELD_ENCRYPTION_KEYS", f"one:{FIELD_KEY},two:{FIELD_KEY[:-4]}"),
    ("ALLOWED_HOSTS", ","),
    ("ALLOWED_HOSTS", "*"),
    ("ALLOWED_HOSTS", "api.example.com,*"),
    ("ALLOWED_HOSTS", "https://api.example.com"),
    ("ALLOWED_HOSTS", "api.example.com:8000"),
    ("ALLOWED_HOSTS", "api.example.com www.example.com"),
    # % if cookiecutter.database == "sqlite"
    ("DATABASE_URL", "sqlite://:memory:"),
    ("DATABASE_URL", "sqlite:///relative.sqlite3"),
    ("DATABASE_URL", "sqlite:////"),
    ("DATABASE_URL", "/var/lib/service/db.sqlite3"),
    # % else
    ("DATABASE_URL", "database.example.com"),
    ("DATABASE_URL", "sqlite:////var/lib/service/db.sqlite3"),
    ("DATABASE_URL", "{scheme}://"),
    ("DATABASE_URL", "{scheme}:///service"),
    ("DATABASE_URL", "{scheme}://database.example.com"),
    ("DATABASE_URL", "{scheme}://database.example.com/"),
    ("DATABASE_URL", "{scheme}://user:pass#word@database.example.com/service"),
    ("DATABASE_URL", "{scheme}://database.example.com:port/service"),
    # % endif
    ("CACHE_URL", "locmemcache://"),
    ("CACHE_URL", "cache.example.com:6379"),
    ("CACHE_URL", "redis://"),
    ("CELERY_BROKER_URL", "memory://"),
    ("CELERY_BROKER_URL", "{scheme}://"),
    ("EMAIL_URL", "mail.example.com"),
    ("EMAIL_URL", "smtp://"),
    ("EMAIL_URL", "filemail:///tmp/mail"),
    ("EMAIL_URL", "dummymail://"),
    ("DEFAULT_FROM_EMAIL", "nobody"),
    ("DEFAULT_FROM_EMAIL", "nobody@localhost"),
    ("CSRF_TRUSTED_ORIGINS", ","),
    ("CSRF_TRUSTED_ORIGINS", "app.example.com"),
    ("CSRF_TRUSTED_ORIGINS", "http://app.example.com"),
    ("CSRF_TRUSTED_ORIGINS", "https://app.example.com/path"),
    ("CSRF_TRUSTED_ORIGINS", "https://[app"),
    ("CORS_ALLOWED_ORIGINS", "*"),
    ("CORS_ALLOWED_ORIGINS", "https://app.example.com,http://app.example.com"),
    ("METRICS_TOKEN", "0123456789-tell-nobody"),
    ("METRICS_TOKEN", "a" * 60),
    ("METRICS_TOKEN", " , "),
    ("METRICS_TOKEN", "a.b_c~d+e/f-0123456789-abcdefghijklmnopqrstuvwxyz-0123==,short"),
    ("METRICS_TOKEN", "words with blanks, abcdefghijklmnopqrstuvwxyz, 0123456789"),
    ("METRICS_TOKEN", "accents-\xe4\xf6\xfc-abcdefghijklmnopqrstuvwxyz-0123456789-0123456789"),
    ("SERVER_INTERFACE", "WSGI"),
    ("TRUSTED_PROXIES", "-1"),
    ("TRUSTED_PROXIES", "10"),
    ("HSTS_SECONDS", "0"),
    ("HSTS_SECONDS", "a year"),
    ("HSTS_PRELOAD", "True"),
    ("HSTS_PRELOAD", "1"),
    ("ADMIN_PATH", "/"),
    ("ADMIN_PATH", "back office/"),
    ("ADMIN_PATH", "back//office/"),
    ("ADMIN_PATH", "back.office/"),
    ("ADMIN_PATH", "api/"),
    ("ADMIN_PATH", "/Static/pages"),
    ("ADMIN_PATH", "ready"),
    ("ADMIN_SECOND_FACTOR", "yes"),
    ("AUDIT_RETENTION_DAYS", "0"),
    ("AUDIT_RETENTION_DAYS", "100000"),
    # % if cookiecutter.api_keys
    ("API_KEY_MAX_DAYS", "0"),
    ("API_KEY_RETENTION_DAYS", "a year"),
    # % endif
    ("IDEMPOTENCY_RETENTION_HOURS", "0"),
    ("IDEMPOTENCY_RETENTION_HOURS", "100000"),
    ("IDEMPOTENCY_LEASE_SECONDS", "a minute"),
    ("TASK_REDELIVERY_LIMIT", "0"),
    ("DEAD_LETTER_RETENTION_DAYS", "100000"),
    ("TASK_RUN_RETENTION_DAYS", "0"),
    # % if cookiecutter.import_export
    ("MEDIA_ROOT", "media"),
    ("EXCHANGE_UPLOAD_MAX_BYTES", "10MB"),
    ("EXCHANGE_IMPORT_MAX_ROWS", "0"),
    ("EXCHANGE_EXPORT_MAX_ROWS", "-1"),
    ("EXCHANGE_RETENTION_HOURS", "a week"),
    ("EXCHANGE_RATE", "60"),
    ("EXCHANGE_RATE", "0/hour"),
    ("EXCHANGE_RATE", "60/fortnight"),
    # % endif
    ("SESSION_HOURS", "0"),
    ("SESSION_IDLE_MINUTES", "an hour"),
    ("ANON_RATE", "100"),
    ("USER_RATE", "1000/week"),
    ("SIGN_IN_RATE", "5/min"),
    # % if cookiecutter.auth != "oidc"
    ("REGISTRATION_OPEN", "yes"),
    ("ACCOUNT_TOKEN_HOURS", "0"),
    ("FRONTEND_URL", "http://example.com"),
    ("ACCOUNT_RATE", "20"),
    ("ACCOUNT_MAIL_RATE", "5/week"),
    # % endif
    ("SIGN_IN_FAILURE_LIMIT", "0"),
    ("SIGN_IN_COOLOFF_MINUTES", "a while"),
    ("BREACHED_PASSWORDS_URL", "http://passwords.example.com"),
    ("SENTRY_DSN", "sentry.example.com/1"),
    ("SENTRY_DSN", "https://sentry.example.com/1"),
    ("SENTRY_DSN", "https://key@sentry.example.com/"),
    ("SENTRY_DSN", "ftp://key@sentry.example.com/1"),
    ("SENTRY_ENVIRONMENT", "a place"),
    ("SENTRY_TRACES_SAMPLE_RATE", "1.5"),
    ("SENTRY_TRACES_SAMPLE_RATE", "half"),
    ("WEB_THREADS", "0"),
    ("WEB_THREADS", "four"),
    ("WEB_THREADS", "-1"),
    ("WEB_THREADS", "1.5"),
    ("TRUSTED_PROXIES", "none"),
    ("LOG_LEVEL", "loud"),
    # % if cookiecutter.example_app
    ("PAYMENT_PROVIDER", "Provider"),
    ("PAYMENT_PROVIDER", "providers.a provider"),
    # % endif
    # % if cookiecutter.database == "postgresql"
    ("DATABASE_POOL_MAX_SIZE", "0"),
    # % endif
    # % if cookiecutter.auth == "jwt"
    ("JWT_SIGNING_KEY", "0123456789-tell-nobody"),
    ("JWT_SIGNING_KEY", "-----BEGIN PRIVATE KEY-----"),  # pragma: allowlist secret (no key follows)
    ("JWT_VERIFICATION_KEYS", "0123456789-abcdefghijklmnopqrstuvwxyz-0123456789-abcdefghijklm"),
    ("JWT_ISSUER", "  "),
    ("JWT_AUDIENCE", "  "),
    ("JWT_ACCESS_MINUTES", "0"),
    ("JWT_REFRESH_DAYS", "a week"),
    ("JWT_COOKIES", "yes"),
    # % elif cookiecutter.auth == "oidc"
    ("OIDC_ISSUER", "http://identity.example.com"),
    ("OIDC_ISSUER", "https://identity.example.com/?realm=service"),
    ("OIDC_AUDIENCE", "  "),
    ("OIDC_JWKS_URL", "identity.example.com/keys"),
    ("OIDC_CLIENT_IDS", " , "),
    ("OIDC_ROLES_CLAIM", "\t"),
    ("OIDC_ROLES_MAPPING", ","),
    ("OIDC_ROLES_MAPPING", "shop-admins"),
    ("OIDC_ROLES_MAPPING", "shop-admins="),
    ("OIDC_ROLES_MAPPING", "shop-admins=admin,=customer"),
    # % endif
]


@pytest.mark.parametrize(("name", "value"), MALFORMED)
def test_malformed_value_is_named_and_not_repeated(name: str, value: str) -> None:
    complete = example()
    value = value.replace("{scheme}", complete.get(name, "").partition(":")[0])

    found = problems(complete | {name: value}, VARIABLES)

    [line] = found
    assert line.startswith(f"{name} ")
    assert f"Expected: {expected(name)}." in line
    assert value not in line.replace(expected(name), "")


def expected(name: str) -> str:
    return next(variable.expected for variable in VARIABLES if variable.name == name)


def test_every_variable_has_a_malformed_value_here() -> None:
    assert {name for name, _ in MALFORMED} == set(NAMES)


WELL_FORMED = [
    ("ALLOWED_HOSTS", "api.example.com, www.example.com"),
    ("ALLOWED_HOSTS", ".example.com"),
    ("ALLOWED_HOSTS", "10.1.2.3,[2001:db8::1]"),
    (
        "SECRET_KEY_FALLBACKS",
        ",".join(["0123456789-abcdefghijklmnopqrstuvwxyz-0123456789-abcd"] * 2),
    ),
    ("FIELD_ENCRYPTION_KEYS", f"2026-11:{FIELD_KEY}=, 2025-11:{FIELD_KEY[::-1]}"),
    ("CACHE_URL", "rediss://:secret@cache.example.com:6380/1"),
    ("EMAIL_URL", "consolemail://"),
    ("EMAIL_URL", "smtp+ssl://user:p%40ss@mail.example.com:465"),
    ("DEFAULT_FROM_EMAIL", "The Service <service@example.com>"),
    ("CSRF_TRUSTED_ORIGINS", "https://*.example.com,https://example.com:8443"),
    ("CORS_ALLOWED_ORIGINS", ""),
    ("CORS_ALLOWED_ORIGINS", "https://app.example.com"),
    ("METRICS_TOKEN", "a.b_c~d+e/f-0123456789-abcdefghijklmnopqrstuvwxyz-0123=="),
    ("METRICS_TOKEN", ""),
    (
        "METRICS_TOKEN",
        ", ".join(f"{one}-abcdefghijklmnopqrstuvwxyz-0123456789-0123456789" for one in "ab"),
    ),
    ("SERVER_INTERFACE", "asgi"),
    ("USER_RATE", "10/second"),
    ("TRUSTED_PROXIES", "0"),
    ("HSTS_SECONDS", "3600"),
    ("HSTS_PRELOAD", "true"),
    ("HSTS_PRELOAD", "false"),
    ("ADMIN_PATH", "back-office/"),
    ("ADMIN_PATH", "/back_office/apis"),
    ("ADMIN_SECOND_FACTOR", "true"),
    ("ADMIN_SECOND_FACTOR", "false"),
    ("SIGN_IN_FAILURE_LIMIT", "10"),
    ("SIGN_IN_COOLOFF_MINUTES", "60"),
    ("BREACHED_PASSWORDS_URL", "https://passwords.example.com"),
    ("WEB_THREADS", "16"),
    ("LOG_LEVEL", "WARNING"),
    # % if cookiecutter.import_export
    ("MEDIA_ROOT", "/data/media"),
    ("EXCHANGE_RATE", "5/minute"),
    # % endif
    # % if cookiecutter.example_app
    ("PAYMENT_PROVIDER", "bank.provider.Provider"),
    # % endif
    # % if cookiecutter.auth == "oidc"
    ("OIDC_JWKS_URL", ""),
    ("OIDC_CLIENT_IDS", "web-app, mobile-app"),
    ("OIDC_ROLES_CLAIM", "https://example.com/roles"),
    ("OIDC_ROLES_MAPPING", "cn=shop admins=admin, staff=customer"),
    # % endif
]


@pytest.mark.parametrize(("name", "value"), WELL_FORMED)
def test_well_formed_value_is_taken(name: str, value: str) -> None:
    assert problems(example() | {name: value}, VARIABLES) == []


@pytest.mark.parametrize(("value", "expected"), [("", []), ("a", ["a"]), ("a, b,", ["a", "b"])])
def test_items_stand_between_commas_without_blanks(
    monkeypatch: pytest.MonkeyPatch, value: str, expected: list[str]
) -> None:
    monkeypatch.setenv("NAMES", value)

    assert Env().items("NAMES") == expected


def test_all_that_is_missing_is_named_at_once() -> None:
    found = problems({}, VARIABLES)

    assert [line.partition(" ")[0] for line in found] == REQUIRED
    assert all(" is missing. " in line for line in found)


def test_empty_value_is_missing() -> None:
    found = problems(example() | {"SECRET_KEY": ""}, VARIABLES)

    assert found == ["SECRET_KEY is missing. Expected: at least 50 random characters."]


def test_value_may_stand_in_a_file(tmp_path: Path) -> None:
    complete = example()
    file = tmp_path / "key"
    file.write_text(f"{complete.pop('SECRET_KEY')}\n")

    values = Values(complete | {"SECRET_KEY_FILE": str(file)})

    assert problems(values, VARIABLES) == []
    assert values["SECRET_KEY"] == example()["SECRET_KEY"]


def test_variable_that_is_empty_leaves_it_to_the_file(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("value")

    assert Values({"NAME": "", "NAME_FILE": str(file)})["NAME"] == "value"


@pytest.mark.parametrize("content", [None, b"\xff\xfe"], ids=["missing", "no text"])
def test_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "key"
    if content is not None:
        file.write_bytes(content)
    complete = example()
    del complete["SECRET_KEY"]

    found = problems(Values(complete | {"SECRET_KEY_FILE": str(file)}), VARIABLES)

    assert found == ["SECRET_KEY_FILE names no text file that can be read."]


def test_variable_beside_its_file_is_refused(tmp_path: Path) -> None:
    found = problems(Values(example() | {"SECRET_KEY_FILE": str(tmp_path / "key")}), VARIABLES)

    assert found == ["SECRET_KEY and SECRET_KEY_FILE are set. Leave one of them."]


def test_example_of_production_is_complete() -> None:
    require(example(), VARIABLES)


def test_require_tells_all_problems() -> None:
    variables = [
        Variable("ONE", "some text", environment.text),
        Variable("TWO", "a number", environment.whole_number, is_optional=True),
        Variable("THREE", "anything", environment.text, is_optional=True),
    ]

    with pytest.raises(ImproperlyConfigured) as refusal:
        require({"TWO": "zwei"}, variables)

    assert str(refusal.value).splitlines() == [
        "The environment is not ready for production:",
        "  - ONE is missing. Expected: some text.",
        "  - TWO is no whole number from 1 on. Expected: a number.",
    ]
