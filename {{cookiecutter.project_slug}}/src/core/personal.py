"""Personal data: where it is, and what becomes of it when a person is erased.

Each app and room that has a table has a module ``personal_data``. It says of each field that can hold text
whether that is about a person, and has what erases it. Tests compare that with the tables.
"""

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db import models
from django.db.models import Q


@dataclass(frozen=True, kw_only=True)
class Person:
    """Who is erased: the key of the account, which stays, and the address, which does not."""

    id: UUID
    email: str


Eraser = Callable[[Person], None]

_erasers: list[Eraser] = []
_personal: dict[type[models.Model], dict[str, str]] = {}
_other: set[str] = set()


def describe(
    model: type[models.Model],
    *,
    personal: Mapping[str, str] | None = None,
    other: Collection[str] = (),
) -> None:
    """Say what the fields of ``model`` hold.

    Args:
        personal: what is about a person: what becomes of it, by the name of the field.
        other: fields that can hold text, and hold none about a person.
    """
    _personal[model] = dict(personal or {})
    _other.update(f"{model._meta.label}.{name}" for name in other)


def erases(eraser: Eraser) -> Eraser:
    """Register what is called for each person who is erased, within the transaction."""
    _erasers.append(eraser)
    return eraser


def erase(person: Person) -> None:
    """Erase what all apps and rooms have of ``person``."""
    for eraser in _erasers:
        eraser(person)


def personal_fields(model: type[models.Model]) -> Mapping[str, str]:
    """Return what becomes of the personal fields of ``model``, by name."""
    return _personal.get(model, {})


def other_fields() -> set[str]:
    """Return the fields that hold nothing about a person, such as ``jobs.Effect.key``."""
    return set(_other)


def register() -> dict[str, str]:
    """Return what becomes of all that is personal, by fields such as ``users.User.email``."""
    return {
        f"{model._meta.label}.{name}": fate
        for model, fates in _personal.items()
        for name, fate in fates.items()
    }


def holding(text: object, *fields: str) -> Q:
    """Return a condition: one of ``fields`` holds ``text``, as it is or as JSON writes it."""
    forms = {str(text), json.dumps(str(text))[1:-1]}
    conditions = ((f"{field}__icontains", form) for field in fields for form in forms)
    return Q(*conditions, _connector=Q.OR)
