"""Of each field that can hold text somebody has said whether it is about a person."""

from pathlib import Path

import pytest
from django.apps import apps
from django.db import models

from core import personal
from core.jobs.models import Effect

TEXTS = (
    models.CharField,
    models.TextField,
    models.GenericIPAddressField,
    models.JSONField,
    models.BinaryField,
    models.FileField,
)
SECURITY = Path(__file__).parents[3] / "SECURITY.md"


def own_models() -> list[type[models.Model]]:
    """Return the models of the service, whose apps stand below ``apps`` and ``core``."""
    return [
        model for model in apps.get_models() if model.__module__.split(".")[0] in {"apps", "core"}
    ]


def texts() -> set[str]:
    """Return the fields that can hold any text: with choices, they hold those."""
    return {
        f"{model._meta.label}.{field.name}"
        for model in own_models()
        for field in model._meta.concrete_fields
        if isinstance(field, TEXTS) and not field.choices
    }


def test_each_field_that_holds_text_is_described() -> None:
    assert texts() - personal.register().keys() - personal.other_fields() == set()


def test_a_field_that_is_not_described_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(personal, "_other", personal.other_fields() - {"jobs.Effect.key"})

    assert texts() - personal.register().keys() - personal.other_fields() == {"jobs.Effect.key"}


def test_what_is_described_is_there() -> None:
    fields = {
        f"{model._meta.label}.{field.name}"
        for model in own_models()
        for field in model._meta.concrete_fields
    }

    assert personal.register().keys() - fields == set()
    assert personal.other_fields() - fields == set()


def test_nothing_is_both() -> None:
    assert personal.register().keys() & personal.other_fields() == set()
    assert personal.personal_fields(Effect) == {}


def test_security_md_has_the_register() -> None:
    section = SECURITY.read_text("utf-8").partition("\n## Personal data\n")[2].partition("\n## ")[0]
    rows = {line for line in section.splitlines() if line.startswith("| `")}

    assert rows == {f"| `{field}` | {fate} |" for field, fate in personal.register().items()}
