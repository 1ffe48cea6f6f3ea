"""Events that only tests know."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from core.events.event import Event, upcast


class ThingHappened(Event, name="thing.happened"):
    number: int = 0


class NobodyCares(Event, name="nobody.cares"):
    """Has no subscriber."""


class EverythingHappened(Event, name="everything.happened"):
    """Has a field of each type."""

    text: str
    number: int
    truth: bool
    price: Decimal
    key: UUID
    moment: datetime
    day: date
    note: str | None = None
    keys: list[UUID]


class CupBroke(Event, name="cup.broke", version=1):
    name: str


class CupBrokeInRoom(Event, name="cup.broke", version=2):
    name: str
    room: str


@upcast(CupBroke)
def place(old: CupBroke) -> CupBrokeInRoom:
    return CupBrokeInRoom(name=old.name, room="unknown")
