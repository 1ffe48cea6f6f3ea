"""Too many wrong passwords for an account lock out the address that they came from."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth import aauthenticate, authenticate
from django.core.management import call_command
from django.db import connections
from django.test import Client, RequestFactory
from pytest_django import DjangoAssertNumQueries, Settings
from rest_framework.settings import api_settings

from tests.factories.users import UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("two_tries")]

LOGIN = "/admin/login/"
PASSWORD = "right-horse-battery"
HERE = "192.0.2.1"
THERE = "192.0.2.2"
LIMIT = 2
WRONG = "wrong-horse-battery"


@pytest.fixture
def email() -> str:
    email: str = UserFactory(password=PASSWORD, is_staff=True).email
    return email


def sign_in(email: str, password: str = WRONG, address: str = HERE, **headers: str) -> Any:
    return Client(REMOTE_ADDR=address, headers=headers).post(
        LOGIN, {"username": email, "password": password}
    )


def text(answer: Any) -> bytes:
    """Return the page without how long to wait: a second may pass between two answers."""
    return re.sub(rb"\d+ seconds", b"", answer.content)


def fail(email: str, times: int = LIMIT, **place: str) -> None:
    for _ in range(times):
        assert sign_in(email, **place).status_code == 200


def test_right_password_is_refused_after_too_many_wrong_ones(email: str) -> None:
    fail(email)

    right, wrong = sign_in(email, PASSWORD), sign_in(email)

    assert (right.status_code, wrong.status_code) == (429, 429)
    assert text(right) == text(wrong)
    assert b"Too many failed sign-ins." in right.content
    assert 890 <= int(right["Retry-After"]) <= 900
    assert "no-store" in right["Cache-Control"]
    assert "sessionid" not in right.cookies


def test_account_that_does_not_exist_is_locked_just_the_same(email: str) -> None:
    fail("nobody@example.com")
    fail(email)

    known, unknown = sign_in(email), sign_in("nobody@example.com")

    assert (known.status_code, unknown.status_code) == (429, 429)
    assert text(known) == text(unknown)


def test_account_is_open_from_other_addresses(email: str) -> None:
    fail(email)

    assert sign_in(email, PASSWORD, THERE).status_code == 302


def test_other_accounts_are_open_from_the_address(email: str) -> None:
    fail("nobody@example.com")

    assert sign_in(email, PASSWORD).status_code == 302


@pytest.mark.parametrize("written", ["{0}", " {0} ", "upper"])
def test_account_is_the_same_however_it_is_written(email: str, written: str) -> None:
    fail(email.upper() if written == "upper" else written.format(email))

    assert sign_in(email, PASSWORD).status_code == 429


def test_right_password_forgets_the_wrong_ones(email: str) -> None:
    for _ in range(2):
        fail(email, LIMIT - 1)
        assert sign_in(email, PASSWORD).status_code == 302


def test_header_that_the_caller_makes_up_gains_nothing(email: str) -> None:
    for number in range(LIMIT):
        headers = {
            "x-forwarded-for": f"198.51.100.{number}",
            "forwarded": f"for=198.51.100.{number}",
        }
        sign_in(email, **headers)

    assert sign_in(email, PASSWORD, **{"x-forwarded-for": THERE}).status_code == 429


def test_what_a_trusted_proxy_adds_tells_callers_apart(
    email: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api_settings, "NUM_PROXIES", 1)
    for number in range(LIMIT):
        sign_in(email, **{"x-forwarded-for": f"203.0.113.{number}, {HERE}"})

    assert (
        sign_in(email, PASSWORD, **{"x-forwarded-for": f"203.0.113.9, {HERE}"}).status_code == 429
    )
    assert sign_in(email, PASSWORD, **{"x-forwarded-for": f"{HERE}, {THERE}"}).status_code == 302


def test_addresses_of_one_ipv6_network_are_one(email: str) -> None:
    for number in range(LIMIT):
        sign_in(email, address=f"2001:db8::{number}")

    assert sign_in(email, PASSWORD, "2001:db8::ffff").status_code == 429
    assert sign_in(email, PASSWORD, "2001:db8:0:1::1").status_code == 302


def test_lock_ends_and_tries_do_not_lengthen_it(email: str, settings: Settings) -> None:
    settings.AXES_COOLOFF_TIME = timedelta(seconds=1)
    fail(email)

    while sign_in(email, PASSWORD).status_code == 429:
        pass

    assert sign_in(email, PASSWORD).status_code == 302


@pytest.mark.parametrize(
    "command",
    [
        ["axes_reset"],
        ["axes_reset_username", "{email}"],
        ["axes_reset_ip", HERE],
        ["axes_reset_ip_username", HERE, "{email}"],
    ],
)
def test_operator_unlocks(email: str, command: list[str]) -> None:
    fail(email)

    call_command(*(part.format(email=email) for part in command))

    assert sign_in(email, PASSWORD).status_code == 302


def test_operator_unlocks_nobody_else(email: str) -> None:
    fail(email)

    call_command("axes_reset_username", "nobody@example.com")
    call_command("axes_reset_ip", THERE)
    call_command("axes_reset_ip_username", THERE, email)

    assert sign_in(email, PASSWORD).status_code == 429


def test_try_while_locked_out_asks_no_database(
    email: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    fail(email)

    with django_assert_num_queries(0):
        sign_in(email, PASSWORD)


def test_nobody_signs_in_while_the_cache_is_away(
    email: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any, **__: Any) -> None:
        raise ConnectionError

    monkeypatch.setattr("core.security.lockouts.raise_counter", away)

    answer = sign_in(email, PASSWORD)

    assert answer.status_code == 503
    assert b"Try later." in answer.content


def test_lock_is_logged_without_the_name(email: str, caplog: pytest.LogCaptureFixture) -> None:
    fail(email)
    sign_in(email)

    assert [record.getMessage() for record in caplog.records if "locked" in record.message] == [
        f"{HERE} is locked out of an account for 0:15:00: {LIMIT} passwords were wrong."
    ]
    assert email not in caplog.text


def test_async_views_are_guarded_too(email: str) -> None:
    fail(email)
    request = RequestFactory().get("/", REMOTE_ADDR=HERE)

    assert async_to_sync(aauthenticate)(request, username=email, password=PASSWORD) is None


def test_credentials_without_an_account_are_nobody() -> None:
    request = RequestFactory().get("/", REMOTE_ADDR=HERE)

    assert authenticate(request, username=None, password=None) is None


@pytest.mark.race
def test_of_many_tries_at_once_no_more_are_checked_than_allowed(
    email: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked = []
    monkeypatch.setattr(
        "core.security.lockouts.ModelBackend.authenticate",
        lambda *arguments, **_: checked.append(arguments),
    )

    def guess(number: int) -> None:
        request = RequestFactory().get("/", REMOTE_ADDR=HERE)
        authenticate(request, username=email, password=str(number))
        connections.close_all()

    with ThreadPoolExecutor(10) as threads:
        list(threads.map(guess, range(10)))

    assert len(checked) == LIMIT
