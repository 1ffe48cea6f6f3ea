"""Events as they are written and read."""

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID, uuid4

import pytest

from core.events import event as events
from core.events.event import (
    Envelope,
    Event,
    EventFormatError,
    UnknownEventError,
    load,
    upcast,
)
from tests.integration.core.events.things import (
    CupBroke,
    CupBrokeInRoom,
    EverythingHappened,
    ThingHappened,
)

ENVELOPE = Envelope(id=uuid4(), occurred_at=datetime.now(UTC), actor_id=None)
KEY = UUID("01890a5d-ac96-774b-bcce-b302099a8057")
EVERYTHING = EverythingHappened(
    text="cup",
    number=1,
    truth=True,
    price=Decimal("1.50"),
    key=KEY,
    moment=datetime(2026, 1, 31, 12, tzinfo=UTC),
    day=date(2026, 1, 31),
    keys=[KEY],
)
PAYLOAD = {
    "text": "cup",
    "number": 1,
    "truth": True,
    "price": "1.50",
    "key": str(KEY),
    "moment": "2026-01-31T12:00:00+00:00",
    "day": "2026-01-31",
    "note": None,
    "keys": [str(KEY)],
}


@pytest.fixture(autouse=True)
def classes(monkeypatch):
    """Forget the classes that a test makes."""
    monkeypatch.setattr(events, "_classes", dict(events._classes))
    monkeypatch.setattr(events, "_upcasters", dict(events._upcasters))


def read(payload: object, *, wanted: type[Event] = EverythingHappened, version: int = 1) -> Event:
    return load(wanted.event_name, version, payload, envelope=ENVELOPE, wanted=wanted)


def test_event_is_written_as_json():
    assert EVERYTHING.payload() == PAYLOAD


def test_event_is_read_as_it_was_written():
    assert read(PAYLOAD) == EVERYTHING
    assert read(PAYLOAD).envelope == ENVELOPE


def test_event_cannot_be_changed():
    with pytest.raises(AttributeError):
        EVERYTHING.number = 2


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("text", 1),
        ("number", True),
        ("number", 1.0),
        ("truth", 1),
        ("price", 1.5),
        ("price", Decimal("NaN")),
        ("key", str(KEY)),
        ("moment", datetime(2026, 1, 31)),  # noqa: DTZ001 (what is refused)
        ("moment", date(2026, 1, 31)),
        ("day", datetime(2026, 1, 31, tzinfo=UTC)),
        ("note", 1),
        ("keys", (KEY,)),
        ("keys", [str(KEY)]),
    ],
    ids=repr,
)
def test_value_of_another_type_is_not_written(field, value):
    values = {name: getattr(EVERYTHING, name) for name in PAYLOAD}

    with pytest.raises(TypeError, match=rf"EverythingHappened\.{field}: "):
        EverythingHappened(**{**values, field: value}).payload()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("text", None),
        ("number", "1"),
        ("number", True),
        ("truth", 1),
        ("price", 1.5),
        ("price", "NaN"),
        ("price", "cheap"),
        ("key", "none"),
        ("moment", "2026-01-31T12:00:00"),
        ("day", "31.1.2026"),
        ("note", 1),
        ("keys", "none"),
        ("keys", [None]),
    ],
    ids=repr,
)
def test_value_of_another_type_is_not_read(field, value):
    with pytest.raises(EventFormatError, match=rf"EverythingHappened\.{field}: "):
        read({**PAYLOAD, field: value})


def test_field_that_is_missing_is_named():
    with pytest.raises(EventFormatError, match=r"EverythingHappened\.key is missing"):
        read({name: value for name, value in PAYLOAD.items() if name != "key"})


def test_field_with_a_default_may_be_missing_and_an_unknown_one_is_left_out():
    assert read({"other": 1}, wanted=ThingHappened) == ThingHappened(number=0)


def test_schema_describes_the_fields():
    assert EverythingHappened.schema() == {
        "type": "object",
        "properties": {
            "text": {"type": "string"},
            "number": {"type": "integer"},
            "truth": {"type": "boolean"},
            "price": {"type": "string", "format": "decimal"},
            "key": {"type": "string", "format": "uuid"},
            "moment": {"type": "string", "format": "date-time"},
            "day": {"type": "string", "format": "date"},
            "note": {"anyOf": [{"type": "string"}, {"type": "null"}]},
            "keys": {"type": "array", "items": {"type": "string", "format": "uuid"}},
        },
        "required": ["day", "key", "keys", "moment", "number", "price", "text", "truth"],
    }


def test_field_of_a_type_that_json_has_not_is_refused():
    with pytest.raises(TypeError, match=r"bytes.* is none of str, bool, int"):

        class Bad(Event, name="bad"):
            data: bytes


def test_name_and_version_belong_to_one_class():
    with pytest.raises(ValueError, match=r"CupBroke is version 1 of 'cup\.broke' already"):

        class Again(Event, name="cup.broke", version=1):
            name: str


def test_old_version_is_brought_to_the_new_one():
    event = read({"name": "mine"}, wanted=CupBrokeInRoom, version=1)

    assert event == CupBrokeInRoom(name="mine", room="unknown")
    assert event.envelope == ENVELOPE


def test_version_that_no_upcaster_brings_to_the_wanted_one_is_unknown():
    with pytest.raises(UnknownEventError, match=r"No @upcast makes CupBroke of version 2"):
        read({"name": "mine", "room": "kitchen"}, wanted=CupBroke, version=2)


def test_version_of_a_newer_release_is_unknown():
    with pytest.raises(UnknownEventError, match=r"knows no version 3 of 'cup\.broke'"):
        read({}, wanted=CupBrokeInRoom, version=3)


def test_version_has_one_upcaster():
    with pytest.raises(ValueError, match="CupBroke has an upcaster already"):
        upcast(CupBroke)(lambda old: CupBrokeInRoom(name=old.name, room=""))
