"""A subscriber that only the test knows."""

from uuid import UUID

import pytest

from core.events import subscriptions
from core.events.models import OutboxEvent
from core.identity.actor import current_user_id
from tests.integration.core.events.things import ThingHappened


class Subscriber:
    """Remembers what it handled, and for whom; ``failures`` are raised first, one at each call."""

    def __init__(self) -> None:
        self.name = f"{__name__}.Subscriber.handle"
        self.handled: list[ThingHappened] = []
        self.actors: list[UUID | None] = []
        self.failures: list[Exception] = []
        self.calls = 0

    def handle(self, event: ThingHappened) -> None:
        self.calls += 1
        if self.failures:
            raise self.failures.pop(0)
        self.handled.append(event)
        self.actors.append(current_user_id())

    @property
    def numbers(self) -> list[int]:
        return [event.number for event in self.handled]


@pytest.fixture
def subscriber(monkeypatch) -> Subscriber:
    """Return the only subscriber that there is, to ``ThingHappened``."""
    monkeypatch.setattr(subscriptions, "_handlers", {})
    subscriber = Subscriber()
    subscriptions.subscribe(ThingHappened)(subscriber.handle)
    return subscriber


def make_event(number: int = 0, **values: object) -> OutboxEvent:
    """Return an event as ``publish`` writes it, without a nudge."""
    return OutboxEvent.objects.create(name="thing.happened", payload={"number": number}, **values)


def make_events(count: int, **values: object) -> list[OutboxEvent]:
    return [make_event(number, **values) for number in range(count)]


def make_row(
    count: int, *, aggregate: str = "things.thing:1", **values: object
) -> list[OutboxEvent]:
    """Return that many events of one aggregate, numbered as they follow each other."""
    return [
        make_event(number, aggregate=aggregate, sequence=number, **values)
        for number in range(1, count + 1)
    ]
