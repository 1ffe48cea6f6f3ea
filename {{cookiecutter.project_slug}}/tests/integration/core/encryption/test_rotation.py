"""``rotate_field_encryption``: the first key encrypts all there is, however often it is run."""

import base64
from io import StringIO
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from pytest_django import DjangoAssertNumQueries, Settings

from apps.users.services import second_factor_enrol
from core.audit.models import AuditEntry
from core.encryption import rotation
from core.encryption.fields import EncryptedTextField
from core.encryption.keys import DecryptionError
from core.encryption.rotation import encrypted_fields, rotate
from core.security.models import TOTPDevice
from tests.factories.users import UserFactory
from tests.integration.core.encryption.conftest import stored
from tests.integration.core.encryption.models import Note

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("notes")]
OLD, NEW, OTHER = (
    f"{name}:{base64.urlsafe_b64encode(bytes(range(start, start + 32))).decode()}"
    for start, name in enumerate(("old", "new", "other"))
)
TEXT: EncryptedTextField = Note._meta.get_field("text")


def notes_of(settings: Settings, *keys: str, count: int = 1) -> list[Note]:
    """Return notes that the first of ``keys`` has encrypted."""
    settings.FIELD_ENCRYPTION_KEYS = list(keys)
    return [Note.objects.create(text=f"text {number}") for number in range(count)]


def ids() -> list[str]:
    return [value.split(":")[1] for value in stored()]


def run() -> list[str]:
    out = StringIO()
    call_command("rotate_field_encryption", stdout=out)
    return out.getvalue().splitlines()


def test_steps_of_the_runbook_lose_nothing(settings: Settings) -> None:
    """The steps of "A key of FIELD_ENCRYPTION_KEYS is replaced" in SECURITY.md."""
    settings.FIELD_ENCRYPTION_KEYS = [OLD]
    staff = UserFactory(is_staff=True)
    uri = second_factor_enrol(email=staff.email)

    def opens(*keys: str) -> None:
        settings.FIELD_ENCRYPTION_KEYS = list(keys)
        assert TOTPDevice.objects.get().config_url == uri

    # 1. The new key second: each process can open what the next step writes.
    opens(OLD, NEW)
    # 2. The new key first. While that is deployed, some processes have the order of before.
    opens(NEW, OLD)
    TOTPDevice.objects.get().save()
    opens(OLD, NEW)
    TOTPDevice.objects.get().save()
    opens(NEW, OLD)
    # 3. The command, until it says that nothing was left.
    assert run() == ["security.TOTPDevice.key: 1 encrypted anew, 0 had the first key, 0 lost"]
    assert run() == ["security.TOTPDevice.key: 0 encrypted anew, 1 had the first key, 0 lost"]
    # 4. Without the old one.
    opens(NEW)
    settings.FIELD_ENCRYPTION_KEYS = [OLD]
    with pytest.raises(DecryptionError, match="needs the key 'new'"):
        TOTPDevice.objects.get()


def test_all_encrypted_fields_of_the_service_are_found() -> None:
    found = {
        f"{field.model._meta.label}.{field.name}"
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.concrete_fields
        if isinstance(field, EncryptedTextField)
    }

    assert {f"{field.model._meta.label}.{field.name}" for field in encrypted_fields()} == found
    assert "security.TOTPDevice.key" in found


def test_what_another_key_encrypted_is_encrypted_anew_and_nothing_else_changes(
    settings: Settings,
) -> None:
    notes_of(settings, OLD, count=3)
    notes_of(settings, NEW, OLD)
    Note.objects.create(text="of today", title="with a title")
    before = stored()
    rows = list(Note.objects.order_by("pk").values())
    entries = AuditEntry.objects.count()

    outcome = rotate(TEXT)

    assert (outcome.renewed, outcome.current, outcome.lost) == (3, 2, {})
    assert ids() == ["new"] * 5
    assert stored()[3:] == before[3:]
    assert list(Note.objects.order_by("pk").values()) == rows
    assert AuditEntry.objects.count() == entries


def test_empty_column_stays_empty(settings: Settings) -> None:
    notes_of(settings, OLD, count=2)
    settings.FIELD_ENCRYPTION_KEYS = [NEW, OLD]

    outcome = rotate(Note._meta.get_field("title"))

    assert (outcome.renewed, outcome.current) == (0, 0)
    assert stored("title") == [None, None]


def test_run_that_was_stopped_goes_on_with_what_is_left(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotation, "BATCH_SIZE", 2)
    notes_of(settings, OLD, count=5)
    settings.FIELD_ENCRYPTION_KEYS = [NEW, OLD]
    writes = 0

    def cut(execute: Any, sql: str, *rest: Any) -> Any:
        nonlocal writes
        if sql.startswith("UPDATE"):
            writes += 1
            if writes == 2:
                raise OperationalError
        return execute(sql, *rest)

    with connection.execute_wrapper(cut), pytest.raises(OperationalError):
        rotate(TEXT)
    assert ids() == ["new"] * 2 + ["old"] * 3

    outcome = rotate(TEXT)

    assert (outcome.renewed, outcome.current) == (3, 2)
    assert ids() == ["new"] * 5


def test_batch_costs_one_query_to_read_and_one_to_write(
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    monkeypatch.setattr(rotation, "BATCH_SIZE", 5)
    notes_of(settings, OLD, count=9)
    settings.FIELD_ENCRYPTION_KEYS = [NEW, OLD]
    # Three, of which the last is empty; each has a savepoint within the transaction of a test.
    batches = 3

    with django_assert_num_queries(batches * 3 + 2) as queries:
        rotate(TEXT)

    locked = [query["sql"] for query in queries if query["sql"].endswith("FOR UPDATE")]
    assert len(locked) == (3 if connection.features.has_select_for_update else 0)


def test_rows_that_open_with_no_key_are_named_and_do_not_stop_the_others(
    settings: Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (lost,) = notes_of(settings, OTHER)
    notes_of(settings, OLD, count=2)
    settings.FIELD_ENCRYPTION_KEYS = [NEW, OLD]
    monkeypatch.setattr(
        "core.encryption.management.commands.rotate_field_encryption.encrypted_fields",
        lambda: iter([TEXT]),
    )

    with pytest.raises(
        CommandError, match=r"^1 values open with no key of FIELD_ENCRYPTION_KEYS\."
    ):
        call_command("rotate_field_encryption")

    told = capsys.readouterr()
    assert told.err == (
        f"encryption_tests.Note {lost.pk}: encryption_tests.note.text needs the key 'other', "
        "which is not there.\n"
    )
    assert told.out == (
        "encryption_tests.Note.text: 2 encrypted anew, 0 had the first key, 1 lost\n"
    )
    assert ids() == ["other", "new", "new"]


def test_device_whose_key_is_lost_can_be_replaced(settings: Settings) -> None:
    settings.FIELD_ENCRYPTION_KEYS = [OTHER]
    staff = UserFactory(is_staff=True)
    second_factor_enrol(email=staff.email)
    settings.FIELD_ENCRYPTION_KEYS = [NEW]

    uri = second_factor_enrol(email=staff.email, is_replaced=True)

    assert TOTPDevice.objects.get().config_url == uri
