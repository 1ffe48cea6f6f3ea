"""Secrets that are planted into logs do not come out of them."""

import io
import logging
from collections.abc import Iterator

import pytest

from core.security import redaction
from core.security.redaction import RedactingFormatter, redact, redacted, redacted_data

SECRET = "s3cr3t-that-nobody-may-see"
TOKEN = (
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dGhlIHNpZ25hdHVyZQ"  # pragma: allowlist secret (made up)
)


@pytest.fixture(autouse=True)
def _settings(settings) -> Iterator[None]:
    settings.SECRET_KEY = "the key with (special) characters.*"
    settings.METRICS_TOKENS = ["short"]
    settings.FIELD_ENCRYPTION_KEYS = ["k1:a-key-of-columns"]
    settings.SECRET_URLS = ["redis://:cache%2Fpassword@cache:6379/1", ""]
    redaction._known_secrets.cache_clear()
    yield
    redaction._known_secrets.cache_clear()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Authorization: Bearer SECRET", "Authorization: *** ***"),
        ("curl -H 'bearer SECRET=='", "curl -H 'bearer ***'"),
        ("got TOKEN.", "got ***."),
        ('{"password": "SECRET", "email": "a@b.c"}', '{"password": ***, "email": "a@b.c"}'),
        ("{'new_password': 'SECRET'}", "{'new_password': ***}"),
        ('{"password": "with \\" SECRET"}', '{"password": ***}'),
        ("grant=1&refresh_token=SECRET&x=1", "grant=1&refresh_token=***&x=1"),
        ("Cookie: sessionid=SECRET; csrftoken=SECRET", "Cookie: ***; csrftoken=***"),
        ("X-API-Key: SECRET", "X-API-Key: ***"),
        ("postgres://user:SECRET@db:5432/x", "postgres://user:***@db:5432/x"),
        ("redis://:SECRET@cache:6379/1", "redis://:***@cache:6379/1"),
        (
            "-----BEGIN PRIVATE KEY-----\nSECRET\n-----END PRIVATE KEY-----\nrest",  # pragma: allowlist secret (made up)
            "***\nrest",
        ),
        ("the key with (special) characters.* came", "*** came"),
        ("a-key-of-columns and k1:a-key-of-columns", "*** and ***"),
        ("cache/password and cache%2Fpassword", "*** and ***"),
    ],
)
def test_secret_is_masked(text: str, expected: str) -> None:
    assert redacted(text.replace("SECRET", SECRET).replace("TOKEN", TOKEN)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Task apps.users.tasks.users_purge_expired_credentials[0b1d] succeeded in 0.1s: None",
        "GET /api/v1/users/?fields=id&ordering=-id 200",
        "https://example.com:8443/path?x=1 user@example.com",
        "A token was refused: Signature verification failed",
        'Bearer realm="api"',
        "a short word is no secret",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert redacted(text) == text


def test_secret_in_data_is_masked_by_name_and_by_form() -> None:
    data = {
        "New-Password": ["anything", 1],
        "headers": [{"X-Session-Key": "anything"}, (f"Bearer {SECRET}", 200, None)],
        f"Bearer {SECRET}": True,
    }

    assert redacted_data(data) == {
        "New-Password": "***",
        "headers": [{"X-Session-Key": "***"}, ["Bearer ***", 200, None]],
        "Bearer ***": True,
    }


def test_trace_of_an_error_is_masked() -> None:
    formatter = RedactingFormatter("%(levelname)s %(message)s")
    error = ValueError(f"postgres://user:{SECRET}@db/x")
    info = (type(error), error, None)
    record = logging.LogRecord("x", logging.ERROR, __file__, 1, "password=%s", (SECRET,), info)

    text = formatter.format(record)

    assert text == "ERROR password=***\nValueError: postgres://user:***@db/x"


def test_handlers_keep_their_form() -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("[%(levelname)s] %(message)s"))
    logger = logging.getLogger("tests.redaction")
    logger.propagate = False
    logger.addHandler(handler)

    redact(logger)
    redact(logger)
    logger.error("token=%s", SECRET)

    assert stream.getvalue() == "[ERROR] token=***\n"
    assert not isinstance(handler.formatter._inner, RedactingFormatter)


def test_settings_without_secrets_mask_nothing(monkeypatch) -> None:
    monkeypatch.setattr(redaction, "_secrets", lambda: iter(("", "short")))

    assert redacted("short words") == "short words"
