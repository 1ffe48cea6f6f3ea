"""A field whose text is a string in Python, and nothing that can be read in the database."""

import base64
import json
from typing import Any

import pytest
from django.core import serializers
from django.core.exceptions import FieldError
from django.db import models
from django.db.migrations.writer import MigrationWriter
from django.db.models import F
from django.forms import modelform_factory
from pytest_django import Settings
from rest_framework.serializers import ModelSerializer

from core.encryption.fields import EncryptedTextField
from core.encryption.keys import DecryptionError, KeyFaultError
from core.security.models import TOTPDevice
from tests.factories.users import UserFactory
from tests.integration.core.encryption.conftest import stored
from tests.integration.core.encryption.models import Note

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("notes")]
TEXT = "Grüße \U0001f511 'an' alle"


def test_column_has_no_text_and_python_has() -> None:
    note = Note.objects.create(text=TEXT)

    (value,) = stored()
    assert value.startswith("v1:test:")
    sealed = base64.urlsafe_b64decode(value.rpartition(":")[2] + "==")
    # A nonce of 96 bits before, a tag of 128 bits behind.
    assert len(sealed) == 12 + len(TEXT.encode()) + 16
    assert TEXT.encode() not in sealed
    assert (note.text, Note.objects.get().text) == (TEXT, TEXT)
    assert list(Note.objects.values_list("text", flat=True)) == [TEXT]


def test_none_stays_none_and_the_empty_text_is_encrypted() -> None:
    Note.objects.create(text="", title=None)

    assert stored("title") == [None]
    assert stored()[0].startswith("v1:")
    note = Note.objects.get()
    assert (note.text, note.title) == ("", None)


def test_every_way_to_write_encrypts() -> None:
    first, second = Note.objects.bulk_create([Note(text="one"), Note(text="two")])
    Note.objects.filter(pk=first.pk).update(title="three")
    second.title = "four"
    Note.objects.bulk_update([second], ["title"])
    Note.objects.update_or_create(pk=second.pk, defaults={"text": "five"})

    assert all(value.startswith("v1:test:") for value in stored() + stored("title"))
    assert list(Note.objects.order_by("pk").values_list("text", "title")) == [
        ("one", "three"),
        ("five", "four"),
    ]


def test_value_that_is_moved_to_another_column_does_not_open() -> None:
    Note.objects.create(text=TEXT)
    Note.objects.update(title=F("text"))

    with pytest.raises(
        DecryptionError, match=r"^encryption_tests\.note\.title does not open with the key 'test'"
    ):
        Note.objects.get()
    assert Note.objects.defer("title").get().text == TEXT


@pytest.mark.parametrize(
    "lookup", ["text", "text__exact", "text__icontains", "text__in", "text__gt", "text__regex"]
)
def test_lookup_is_refused(lookup: str) -> None:
    name = lookup.partition("__")[2] or "exact"

    with pytest.raises(
        FieldError, match=rf"Note\.text is encrypted: .* isnull only, not with {name}\.$"
    ):
        Note.objects.filter(**{lookup: [TEXT]})
    with pytest.raises(FieldError):
        Note.objects.exclude(**{lookup: [TEXT]})


def test_isnull_is_answered() -> None:
    Note.objects.create(text=TEXT)

    assert Note.objects.filter(title__isnull=True, text__isnull=False).count() == 1


def test_form_shows_and_takes_text() -> None:
    note = Note.objects.create(text=TEXT)
    form_class = modelform_factory(Note, fields=["text", "title"])

    assert TEXT in form_class(instance=note)["text"].value()
    form_class({"text": "new", "title": ""}, instance=note).save()

    assert list(Note.objects.values_list("text", "title")) == [("new", "")]
    assert form_class({"text": "a" * 21}).errors["text"][0].startswith("Ensure this value has")


class NoteSerializer(ModelSerializer[Note]):
    class Meta:
        model = Note
        fields = ("text", "title")


def test_serializer_shows_and_takes_text() -> None:
    serializer = NoteSerializer(data={"text": TEXT, "title": None})
    assert serializer.is_valid()
    note = serializer.save()

    assert NoteSerializer(Note.objects.get(pk=note.pk)).data == {"text": TEXT, "title": None}
    assert "text" in NoteSerializer(data={"text": "a" * 21}, partial=True).fields
    long = NoteSerializer(data={"text": "a" * 21})
    assert not long.is_valid()
    assert long.errors["text"][0].code == "max_length"


def test_dump_is_plain_and_is_encrypted_as_it_is_loaded() -> None:
    device = TOTPDevice.objects.create(user=UserFactory())

    dump = serializers.serialize("json", TOTPDevice.objects.all())
    TOTPDevice.objects.update(key="another")
    for loaded in serializers.deserialize("json", dump):
        loaded.save()

    assert json.loads(dump)[0]["fields"]["key"] == device.key
    assert TOTPDevice.objects.get().key == device.key


def test_migration_makes_the_same_field() -> None:
    text, _ = MigrationWriter.serialize(EncryptedTextField(null=True, bound_to="a.b.c"))

    assert text == "core.encryption.fields.EncryptedTextField(bound_to='a.b.c', null=True)"
    assert "bound_to" not in EncryptedTextField().deconstruct()[3]


def test_field_that_was_renamed_reads_what_it_wrote() -> None:
    Note.objects.create(text=TEXT)
    renamed = EncryptedTextField(bound_to="encryption_tests.note.text")

    assert renamed.from_db_value(stored()[0]) == TEXT


@pytest.mark.parametrize("option", [{"unique": True}, {"db_index": True}, {"db_default": "a"}])
def test_option_that_cannot_hold_is_found(option: dict[str, Any]) -> None:
    class Page(models.Model):
        text = EncryptedTextField(**option)

        class Meta:
            app_label = f"encryption_tests_{'_'.join(option)}"

        def __str__(self) -> str:
            return ""

    found = [message.id for message in Page.check(databases=["default"])]
    assert "encryption.E001" in found
    assert "encryption.E001" not in [message.id for message in Note.check()]


def test_without_a_key_nothing_is_written(settings: Settings) -> None:
    settings.FIELD_ENCRYPTION_KEYS = []

    with pytest.raises(KeyFaultError):
        Note.objects.create(text=TEXT)
