"""Fields of events as JSON: how each type is written, read and described.

The types are those that survive JSON without a doubt: ``str``, ``int``, ``bool``, ``Decimal``,
``UUID``, aware ``datetime``, ``date``, each also as ``X | None`` and ``list[X]``.
https://json-schema.org/draft/2020-12
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin
from uuid import UUID


@dataclass(frozen=True)
class Form:
    """How values of one type stand in JSON.

    ``write`` raises TypeError for a value that is not of the type, ``read`` ValueError or TypeError.
    """

    schema: Mapping[str, Any]
    write: Callable[[Any], Any]
    read: Callable[[Any], Any]


def form_of(annotation: Any) -> Form:
    """Return the form of an annotation.

    Raises:
        TypeError: for a type that events cannot have.
    """
    if annotation in PLAIN:
        return PLAIN[annotation]
    arguments = get_args(annotation)
    if get_origin(annotation) is list:
        return _list_of(form_of(arguments[0]))
    if get_origin(annotation) in (Union, UnionType) and NoneType in arguments:
        others = [argument for argument in arguments if argument is not NoneType]
        if len(others) == 1:
            return _optional(form_of(others[0]))
    known = ", ".join(kind.__name__ for kind in PLAIN)
    raise TypeError(f"{annotation} is none of {known}, or one of these as a list or None.")


def _typed(kind: type, schema: Mapping[str, Any], write: Callable[[Any], Any]) -> Form:
    """Return the form of what JSON has itself."""

    def read(raw: Any) -> Any:
        if type(raw) is not kind:
            raise TypeError(f"{raw!r} is not of type {kind.__name__}")
        return raw

    return Form(schema, _checked(kind, write), read)


def _text(kind: type, name: str, write: Callable[[Any], str], read: Callable[[str], Any]) -> Form:
    """Return the form of what is text in JSON, of the format ``name``."""

    def read_text(raw: Any) -> Any:
        if type(raw) is not str:
            raise TypeError(f"{raw!r} is no text")
        return read(raw)

    return Form({"type": "string", "format": name}, _checked(kind, write), read_text)


def _checked(kind: type, write: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return ``write``, refusing other types, also where Python takes one for the other."""
    others = {int: (bool,), date: (datetime,)}.get(kind, ())

    def checked(value: Any) -> Any:
        if not isinstance(value, kind) or isinstance(value, others):
            raise TypeError(f"{value!r} is not of type {kind.__name__}")
        return write(value)

    return checked


def _finite(value: Decimal) -> str:
    if not value.is_finite():
        raise TypeError(f"{value!r} is not finite")
    return str(value)


def _read_decimal(raw: str) -> Decimal:
    try:
        value = Decimal(raw)
    except ArithmeticError as error:
        raise ValueError(f"{raw!r} is no decimal") from error
    if not value.is_finite():
        raise ValueError(f"{raw!r} is not finite")
    return value


def _aware(value: datetime) -> str:
    if value.utcoffset() is None:
        raise TypeError(f"{value!r} has no time zone")
    return value.isoformat()


def _read_aware(raw: str) -> datetime:
    value = datetime.fromisoformat(raw)
    if value.utcoffset() is None:
        raise ValueError(f"{raw!r} has no time zone")
    return value


PLAIN: Mapping[Any, Form] = {
    str: _typed(str, {"type": "string"}, str),
    bool: _typed(bool, {"type": "boolean"}, bool),
    int: _typed(int, {"type": "integer"}, int),
    Decimal: _text(Decimal, "decimal", _finite, _read_decimal),
    UUID: _text(UUID, "uuid", str, UUID),
    datetime: _text(datetime, "date-time", _aware, _read_aware),
    date: _text(date, "date", date.isoformat, date.fromisoformat),
}


def _list_of(item: Form) -> Form:
    def write(value: Any) -> Any:
        if not isinstance(value, list):
            raise TypeError(f"{value!r} is no list")
        return [item.write(each) for each in value]

    def read(raw: Any) -> Any:
        if not isinstance(raw, list):
            raise TypeError(f"{raw!r} is no list")
        return [item.read(each) for each in raw]

    return Form({"type": "array", "items": item.schema}, write, read)


def _optional(form: Form) -> Form:
    return Form(
        {"anyOf": [form.schema, {"type": "null"}]},
        lambda value: None if value is None else form.write(value),
        lambda raw: None if raw is None else form.read(raw),
    )
