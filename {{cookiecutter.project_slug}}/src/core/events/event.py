"""What an event is: a frozen dataclass with a name and a version, written as JSON and read again."""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields
from datetime import datetime
from typing import Any, ClassVar, TypeVar, dataclass_transform, get_type_hints
from uuid import UUID

from core.events.codec import Form, form_of

Old = TypeVar("Old", bound="Event")

_classes: dict[tuple[str, int], type["Event"]] = {}
_upcasters: dict[type["Event"], Callable[[Any], "Event"]] = {}


class UnknownEventError(LookupError):
    """This release has no class for the name and version of an event: a newer one wrote it."""


class EventFormatError(ValueError):
    """What is stored is not what the class of the event says."""


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """What is known of an event besides its fields.

    ``occurred_at`` is when it was published, ``actor_id`` the user who caused it, or ``None``.
    """

    id: UUID
    occurred_at: datetime
    actor_id: UUID | None


@dataclass_transform(kw_only_default=True, frozen_default=True)
class Event:
    """Something that happened, in the past tense.

    ::

        class OrderPlaced(Event, name="order.placed", version=1):
            order_id: UUID
            total: Decimal

    Fields have the types of ``core.events.codec``; one with a default may be missing in what is
    stored. A subclass is a frozen dataclass, made with keywords only.

    A field that comes with a default changes no version. Any other change is a class of its own
    with the next version; the old one stays until no event of it is stored, with an ``@upcast``
    that makes the new one of it.

    Raises:
        TypeError: where the class has a field of another type.
        ValueError: where another class has this name and version.
    """

    event_name: ClassVar[str]
    event_version: ClassVar[int]
    _forms: ClassVar[Mapping[str, Form]]
    _optional: ClassVar[frozenset[str]]

    def __init_subclass__(cls, *, name: str, version: int = 1, **options: Any) -> None:
        super().__init_subclass__(**options)
        dataclass(frozen=True, kw_only=True)(cls)
        hints = get_type_hints(cls)
        members = fields(cls)  # type: ignore[arg-type]  # The line above made it a dataclass.
        cls.event_name, cls.event_version = name, version
        cls._forms = {member.name: form_of(hints[member.name]) for member in members}
        cls._optional = frozenset(
            member.name
            for member in members
            if member.default is not MISSING or member.default_factory is not MISSING
        )
        known = _classes.setdefault((name, version), cls)
        if known is not cls:
            raise ValueError(f"{known.__qualname__} is version {version} of {name!r} already.")

    @property
    def envelope(self) -> Envelope:
        """The id, time and actor, in an event that was published.

        Raises:
            AttributeError: in one that was not.
        """
        return self.__dict__["_envelope"]  # type: ignore[no-any-return]

    def payload(self) -> dict[str, Any]:
        """Return the fields in JSON's types.

        Raises:
            TypeError: naming the field whose value is not of its type.
        """
        written = {}
        for name, form in self._forms.items():
            try:
                written[name] = form.write(getattr(self, name))
            except TypeError as error:
                raise TypeError(f"{type(self).__qualname__}.{name}: {error}") from error
        return written

    @classmethod
    def schema(cls) -> dict[str, Any]:
        """Return the JSON Schema (2020-12) of the payload."""
        return {
            "type": "object",
            "properties": {name: form.schema for name, form in cls._forms.items()},
            "required": sorted(cls._forms.keys() - cls._optional),
        }


def upcast(old: type[Old]) -> Callable[[Callable[[Old], Event]], Callable[[Old], Event]]:
    """Register the decorated function as what makes the next version of events of ``old``.

    Raises:
        ValueError: when there is one already.
    """

    def register(function: Callable[[Old], Event]) -> Callable[[Old], Event]:
        if old in _upcasters:
            raise ValueError(f"{old.__qualname__} has an upcaster already.")
        _upcasters[old] = function
        return function

    return register


def is_known(name: str, version: int) -> bool:
    """Tell whether this release can read events of this name and version."""
    return (name, version) in _classes


def all_classes() -> Mapping[tuple[str, int], type[Event]]:
    """Return the classes of events by name and version."""
    return dict(_classes)


def load(
    name: str, version: int, payload: Any, *, envelope: Envelope, wanted: type[Event]
) -> Event:
    """Return an event that was stored, as the class ``wanted``. Fields that this has not are left out.

    Raises:
        UnknownEventError: for a name and version that this release does not know, or that no
            upcaster brings to ``wanted``.
        EventFormatError: naming the field that is missing or not of its type.
    """
    if not is_known(name, version):
        raise UnknownEventError(
            f"This release knows no version {version} of {name!r}: a newer one wrote it."
        )
    event = _read(_classes[name, version], payload)
    while type(event) is not wanted:
        if type(event) not in _upcasters:
            raise UnknownEventError(
                f"No @upcast makes {wanted.__qualname__} of version {event.event_version} "
                f"of {name!r}."
            )
        event = _upcasters[type(event)](event)
    event.__dict__["_envelope"] = envelope
    return event


def _read(cls: type[Event], payload: Any) -> Event:
    if not isinstance(payload, dict):
        raise EventFormatError(f"{cls.__qualname__}: {payload!r} is no object")
    values = {}
    for name, form in cls._forms.items():
        if name not in payload:
            if name in cls._optional:
                continue
            raise EventFormatError(f"{cls.__qualname__}.{name} is missing")
        try:
            values[name] = form.read(payload[name])
        except (TypeError, ValueError) as error:
            raise EventFormatError(f"{cls.__qualname__}.{name}: {error}") from error
    return cls(**values)
