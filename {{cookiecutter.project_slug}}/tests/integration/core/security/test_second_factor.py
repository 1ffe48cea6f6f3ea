"""The admin asks for a code beside the password, where ``ADMIN_SECOND_FACTOR`` is on."""

import logging
import re
from base64 import b32encode
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib import admin
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.test import Client, RequestFactory
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings

from apps.users.models import User
from apps.users.services import account_erase, second_factor_enrol
from core.audit.models import AuditEntry
from core.security import models
from core.security.models import TOTPDevice
from core.security.second_factor import REFUSAL, verified
from tests.factories.users import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db
INDEX = reverse("admin:index")
LOGIN = reverse("admin:login")
# Of the index: the session, the user, the latest actions.
QUERIES = 3
HERE = "192.0.2.1"


@pytest.fixture(autouse=True)
def _on(settings: Settings) -> None:
    settings.ADMIN_SECOND_FACTOR = True


@pytest.fixture
def staff() -> User:
    return new_staff()


def new_staff(**fields: Any) -> User:
    user: User = UserFactory(is_staff=True, is_superuser=True, **fields)
    return user


def enrolled(user: User) -> TOTPDevice:
    second_factor_enrol(email=user.email)
    device: TOTPDevice = TOTPDevice.objects.get(user=user)
    return device


def code_of(device: TOTPDevice, steps: int = 0) -> str:
    """Return the code of now, or that of so many half minutes later."""
    totp = device.totp()
    totp.time += steps * totp.step
    return f"{totp.token():06d}"


def wrong_code_of(device: TOTPDevice) -> str:
    near = {code_of(device, steps) for steps in range(-3, 4)}
    return next(code for code in map(str, range(100000, 100008)) if code not in near)


def sign_in(
    user: User, code: str | None, password: str = PASSWORD, client: Client | None = None
) -> Any:
    body = {"username": user.email, "password": password, "next": INDEX}
    if code is not None:
        body["otp_token"] = code
    return (client or Client(REMOTE_ADDR=HERE)).post(LOGIN, body)


def refused(answer: Any) -> bytes:
    """Return the page that refuses, without the address that was typed in, and the token of the form."""
    assert answer.status_code == 200
    assert answer.context["form"].errors == {"__all__": [REFUSAL]}
    assert "sessionid" not in answer.cookies
    page: bytes = re.sub(rb' value="[^"]*"', b"", answer.content)
    return page


def is_in(client: Client) -> bool:
    return client.get(INDEX).status_code == 200


def test_right_code_lets_in(staff: User) -> None:
    client, device = Client(REMOTE_ADDR=HERE), enrolled(staff)

    answer = sign_in(staff, code_of(device), client=client)

    assert (answer.status_code, answer["Location"]) == (302, INDEX)
    assert is_in(client)


def test_code_may_be_written_as_apps_show_it(staff: User) -> None:
    code = code_of(enrolled(staff))

    assert sign_in(staff, f"{code[:3]} {code[3:]}").status_code == 302


def test_form_asks_for_all_three_without_anything_inline() -> None:
    page = Client().get(LOGIN)

    assert list(page.context["form"].fields) == ["username", "password", "otp_token"]
    assert b'autocomplete="one-time-code"' in page.content
    assert not re.search(rb"<script(?![^>]* src=)|<style| style=| on[a-z]+=", page.content)


def test_who_is_refused_does_not_hear_what_was_wrong(staff: User) -> None:
    device = enrolled(staff)
    pages = {
        "password": refused(sign_in(staff, code_of(device), "wrong-horse")),
        "nobody": refused(sign_in(User(email="nobody@example.com"), code_of(device))),
    }
    for name, code in {
        "code": wrong_code_of(device),
        "missing": None,
        "empty": "",
        "words": "twelve",
    }.items():
        device.throttle_reset()
        pages[name] = refused(sign_in(staff, code))
        cache_forgets(staff)

    assert len(set(pages.values())) == 1


def cache_forgets(user: User) -> None:
    call_command("axes_reset_username", user.email, verbosity=0)


def test_codes_are_those_of_the_standard(staff: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """https://www.rfc-editor.org/rfc/rfc6238#appendix-B, the last six of the eight digits."""
    key = b32encode(b"12345678901234567890").decode()
    for now, code in {59: "287082", 1111111109: "081804", 20000000000: "353130"}.items():
        at(monkeypatch, now)
        TOTPDevice.objects.all().delete()
        device = TOTPDevice.objects.create(user=staff, key=key)
        assert device.verify_token(code)


@pytest.mark.parametrize("code", ["81804", "0081804", "+81804", "081804\n", "٠٨١٨٠٤"])
def test_what_is_not_six_digits_is_no_code(
    staff: User, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    at(monkeypatch, 1111111109)
    key = b32encode(b"12345678901234567890").decode()

    assert not TOTPDevice.objects.create(user=staff, key=key).verify_token(code)


def at(monkeypatch: pytest.MonkeyPatch, now: int) -> None:
    monkeypatch.setattr(models, "time", SimpleNamespace(time=lambda: now))


@pytest.mark.parametrize(("steps", "is_right"), [(-2, False), (-1, True), (1, True), (2, False)])
def test_clock_of_the_app_may_be_wrong_by_half_a_minute(
    staff: User, monkeypatch: pytest.MonkeyPatch, steps: int, *, is_right: bool
) -> None:
    at(monkeypatch, 1_800_000_000)
    device = enrolled(staff)

    assert device.verify_token(code_of(device, steps)) is is_right


def test_clock_that_goes_wrong_more_and_more_is_followed(
    staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    device = enrolled(staff)
    for behind in range(1, 4):
        at(monkeypatch, 1_800_000_000 + behind * 600)
        # What ``code_of`` knows of the drift is that of before.
        assert device.verify_token(code_of(device, -1))
        device.refresh_from_db()
        assert device.drift == -behind


def test_code_of_before_the_last_one_is_refused(
    staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    at(monkeypatch, 1_800_000_000)
    device = enrolled(staff)
    earlier = code_of(device, -1)

    assert device.verify_token(code_of(device))
    assert not device.verify_token(earlier)


def test_code_of_somebody_else_is_refused(staff: User) -> None:
    other = enrolled(new_staff())
    enrolled(staff)

    refused(sign_in(staff, code_of(other)))


def test_who_has_no_device_is_refused(staff: User) -> None:
    refused(sign_in(staff, "123456"))


def test_device_that_is_not_confirmed_is_none(staff: User) -> None:
    device = enrolled(staff)
    TOTPDevice.objects.update(confirmed=False)

    refused(sign_in(staff, code_of(device)))


@pytest.mark.parametrize("lost", ["is_staff", "is_active"])
def test_who_may_not_come_in_is_refused_with_the_right_code(staff: User, lost: str) -> None:
    device = enrolled(staff)
    setattr(staff, lost, False)
    staff.save()

    refused(sign_in(staff, code_of(device)))


def test_code_is_good_for_one_sign_in(staff: User) -> None:
    code = code_of(enrolled(staff))

    assert sign_in(staff, code).status_code == 302
    refused(sign_in(staff, code))


def test_after_a_wrong_code_the_right_one_has_to_wait(staff: User) -> None:
    device = enrolled(staff)
    refused(sign_in(staff, wrong_code_of(device)))
    # As long as the device asks for after ten of them, not a second.
    TOTPDevice.objects.update(throttling_failure_count=10)

    refused(sign_in(staff, code_of(device)))

    TOTPDevice.objects.get().throttle_reset()
    assert sign_in(staff, code_of(device)).status_code == 302


def test_right_password_elsewhere_between_two_guesses_does_not_end_the_wait(staff: User) -> None:
    device = enrolled(staff)
    refused(sign_in(staff, wrong_code_of(device)))
    TOTPDevice.objects.update(throttling_failure_count=10)

    # As a sign-in to the API does, after which the tries are forgotten.
    request = RequestFactory().post("/", REMOTE_ADDR=HERE)
    assert authenticate(request, username=staff.email, password=PASSWORD) == staff

    refused(sign_in(staff, code_of(device)))


@pytest.mark.usefixtures("two_tries")
def test_wrong_codes_lock_out_as_wrong_passwords_do(staff: User) -> None:
    device = enrolled(staff)
    for _ in range(2):
        refused(sign_in(staff, wrong_code_of(device)))
    device.throttle_reset()

    answer = sign_in(staff, code_of(device))

    assert answer.status_code == 429
    assert b"Too many failed sign-ins." in answer.content


@pytest.mark.usefixtures("two_tries")
def test_wrong_codes_and_wrong_passwords_are_one_count(staff: User) -> None:
    device = enrolled(staff)
    refused(sign_in(staff, code_of(device), "wrong-horse"))
    refused(sign_in(staff, wrong_code_of(device)))

    assert sign_in(staff, code_of(device)).status_code == 429


@pytest.mark.usefixtures("two_tries")
def test_right_code_forgets_the_wrong_ones(staff: User) -> None:
    device = enrolled(staff)
    for steps in range(2):
        refused(sign_in(staff, wrong_code_of(device)))
        device.throttle_reset()
        assert sign_in(staff, code_of(device, steps)).status_code == 302


def test_session_of_before_is_asked_for_the_code(staff: User, settings: Settings) -> None:
    client, device = Client(), enrolled(staff)
    settings.ADMIN_SECOND_FACTOR = False
    assert sign_in(staff, None, client=client).status_code == 302
    assert is_in(client)
    settings.ADMIN_SECOND_FACTOR = True

    answer = client.get(INDEX)

    assert (answer.status_code, answer["Location"]) == (302, f"{LOGIN}?next={INDEX}")
    assert b"sign in with a code" in client.get(answer["Location"]).content
    assert sign_in(staff, code_of(device), client=client).status_code == 302
    assert is_in(client)


def test_session_with_another_key_stays_verified(staff: User) -> None:
    client = Client()
    sign_in(staff, code_of(enrolled(staff)), client=client)
    before = client.session.session_key
    new = "another-horse-battery"

    client.post(
        reverse("admin:password_change"),
        {"old_password": PASSWORD, "new_password1": new, "new_password2": new},
    )

    assert client.session.session_key != before
    assert is_in(client)


def test_session_ends_with_the_password(staff: User) -> None:
    client = Client()
    sign_in(staff, code_of(enrolled(staff)), client=client)

    staff.refresh_from_db()
    staff.set_password("another-horse-battery")
    staff.save()

    assert not is_in(client)


def test_session_of_a_device_that_is_replaced_is_asked_again(staff: User) -> None:
    client = Client()
    sign_in(staff, code_of(enrolled(staff)), client=client)

    second_factor_enrol(email=staff.email, is_replaced=True)

    assert not is_in(client)
    assert sign_in(staff, code_of(TOTPDevice.objects.get()), client=client).status_code == 302


@pytest.mark.usefixtures("two_tries")
def test_while_it_is_off_a_password_is_enough(staff: User, settings: Settings) -> None:
    settings.ADMIN_SECOND_FACTOR = False
    client = Client()

    assert "otp_token" not in client.get(LOGIN).context["form"].fields
    assert sign_in(staff, None, client=client).status_code == 302
    assert is_in(client)


def test_page_of_a_verified_session_costs_one_query_more(
    staff: User, settings: Settings, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = Client()
    sign_in(staff, code_of(enrolled(staff)), client=client)
    with django_assert_num_queries(QUERIES + 1):
        assert is_in(client)

    settings.ADMIN_SECOND_FACTOR = False
    client = Client()
    sign_in(staff, None, client=client)
    with django_assert_num_queries(QUERIES):
        assert is_in(client)


def test_command_prints_what_makes_codes(staff: User, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("enrol_second_factor", staff.email.upper())

    [line] = capsys.readouterr().out.splitlines()
    uri = urlsplit(line)
    assert (uri.scheme, uri.netloc) == ("otpauth", "totp")
    asked = parse_qs(uri.query)
    assert (asked["digits"], asked["period"], asked["algorithm"]) == (["6"], ["30"], ["SHA1"])
    assert line == TOTPDevice.objects.get(user=staff).config_url


def test_command_refuses_who_is_not_there_or_not_of_the_staff() -> None:
    customer, left = UserFactory(), UserFactory(is_staff=True, is_active=False)

    with pytest.raises(CommandError, match=r"^No account has the address nobody@example\.com\.$"):
        call_command("enrol_second_factor", "nobody@example.com")
    for user in (customer, left):
        with pytest.raises(CommandError, match="is not of the staff"):
            call_command("enrol_second_factor", user.email)

    assert not TOTPDevice.objects.exists()


def test_command_replaces_a_device_only_if_told_to(staff: User) -> None:
    device = enrolled(staff)

    with pytest.raises(CommandError, match="say --replace"):
        call_command("enrol_second_factor", staff.email)
    assert list(TOTPDevice.objects.all()) == [device]

    call_command("enrol_second_factor", staff.email, "--replace")
    [new] = TOTPDevice.objects.all()
    assert new.key != device.key
    refused(sign_in(staff, code_of(device)))


def test_trail_has_who_got_a_device_and_no_key(staff: User) -> None:
    AuditEntry.objects.all().delete()
    device = enrolled(staff)
    sign_in(staff, wrong_code_of(device))
    device.throttle_reset()
    sign_in(staff, code_of(device))

    [entry] = AuditEntry.objects.filter(content_type__model="totpdevice")

    assert entry.get_action_display() == "create"
    assert entry.changes["key"] == ["***", "***"]
    assert entry.changes["user"] == [None, str(staff.pk)]
    assert device.key not in str(entry.changes)


def test_log_has_the_refusal_and_neither_key_nor_code(
    staff: User, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    device = enrolled(staff)
    code = wrong_code_of(device)
    sign_in(staff, code)

    lines = [record.getMessage() for record in caplog.records if record.name == "security"]
    assert [line.partition(" address=")[0] for line in lines] == [
        f"event={event} user={staff.pk}"
        for event in ("second_factor_enrolled", "second_factor_refused")
    ]
    assert f"address={HERE} " in lines[1]
    for secret in (device.key, code, staff.email):
        assert secret not in caplog.text


def test_database_has_no_key(staff: User) -> None:
    device = enrolled(staff)

    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM security_totpdevice")
        (row,) = cursor.fetchall()

    assert device.key not in str(row)
    assert any(str(value).startswith("v1:test:") for value in row)


def test_devices_have_no_page_in_the_admin() -> None:
    assert TOTPDevice not in admin.site._registry


def test_erasure_takes_the_device(staff: User) -> None:
    new_staff()
    device = enrolled(staff)
    email = staff.email

    account_erase(user_id=staff.pk)

    assert not TOTPDevice.objects.exists()
    entries = AuditEntry.objects.filter(content_type__model="totpdevice")
    assert {entry.get_action_display() for entry in entries} == {"create", "delete"}
    for entry in entries:
        assert entry.object_repr == str(device.pk)
        assert email not in str(entry.changes)


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_of_many_who_send_one_code_at_once_one_comes_in(staff: User) -> None:
    device = enrolled(staff)
    code = code_of(device)

    def send(_: int) -> bool:
        try:
            return verified(User.objects.get(pk=staff.pk), code)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(send, range(4))) == [False, False, False, True]
