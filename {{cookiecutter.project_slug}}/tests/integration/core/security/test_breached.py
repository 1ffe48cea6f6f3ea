"""Passwords that are known from breaches are refused, if anybody was asked and answered."""

import hashlib
import logging
from collections.abc import Iterator

import pytest
from django.contrib.auth.password_validation import (
    get_default_password_validators,
    validate_password,
)
from django.core.exceptions import ValidationError
from pytest_django import Settings

from core.http.client import _breakers
from tests.integration.core.http.server import Server, answer

PASSWORD = "correct-horse-battery"
DIGEST = hashlib.sha1(PASSWORD.encode(), usedforsecurity=False).hexdigest().upper()
OTHER = "0" * 35


@pytest.fixture
def knowing(settings: Settings) -> Iterator[Server]:
    """Return the service that is asked."""
    server = Server()
    # A server of another test may have had the same port.
    _breakers.clear()
    name = "core.security.breached.BreachedPasswordValidator"
    settings.AUTH_PASSWORD_VALIDATORS = [{"NAME": name, "OPTIONS": {"url": server.url}}]
    yield server
    for validator in get_default_password_validators():
        validator.client.close()
    server.stop()


def says(*lines: str) -> bytes:
    return "\r\n".join(lines).encode()


def test_known_password_is_refused(knowing: Server) -> None:
    knowing.behave(answer(200, says(f"{OTHER}:7", f"{DIGEST[5:]}:12"), content_type="text/plain"))

    with pytest.raises(ValidationError) as refused:
        validate_password(PASSWORD)

    assert [error.code for error in refused.value.error_list] == ["password_breached"]


@pytest.mark.parametrize("lines", [(f"{OTHER}:7",), (f"{DIGEST[5:]}:0",), ("",), ("<html>",)])
def test_password_that_is_not_known_is_taken(knowing: Server, lines: tuple[str, ...]) -> None:
    knowing.behave(answer(200, says(*lines), content_type="text/plain"))

    validate_password(PASSWORD)

    assert len(knowing.requests) == 1


def test_nobody_hears_more_than_the_beginning_of_a_hash(
    knowing: Server, caplog: pytest.LogCaptureFixture
) -> None:
    knowing.behave(answer(503))

    with caplog.at_level(logging.DEBUG):
        validate_password(PASSWORD)

    [request] = knowing.requests
    assert request.target == f"/range/{DIGEST[:5]}"
    assert request.headers["add-padding"] == "true"
    assert DIGEST[:5] not in caplog.text
    assert PASSWORD not in caplog.text


@pytest.mark.parametrize("status", [404, 429, 500, 503])
def test_password_is_taken_while_the_service_does_not_answer(
    knowing: Server, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    knowing.behave(answer(status))

    validate_password(PASSWORD)

    assert len(knowing.requests) == 1
    assert "A password was taken unasked" in caplog.text


def test_password_is_taken_while_nobody_listens(knowing: Server) -> None:
    knowing.stop()

    validate_password(PASSWORD)


def test_nobody_is_asked_by_default(settings: Settings) -> None:
    names = [validator["NAME"] for validator in settings.AUTH_PASSWORD_VALIDATORS]

    assert not [name for name in names if name.startswith("core.")]
