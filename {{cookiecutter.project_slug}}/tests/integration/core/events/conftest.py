"""A subscriber that only the test knows."""

from uuid import UUID

import pytest

from core.events import subscriptions
from core.events.models import OutboxEvent
from core.identity.actor import current_user_id


class Subscriber:
    """Remembers what it handled, and for whom; ``failures`` are raised first, one at each call."""

    def __init__(self) -> None:
        self.name = f"{__name__}.Subscriber.handle"
        self.handled: list[OutboxEvent] = []
        self.actors: list[UUID | None] = []
        self.failures: list[Exception] = []
        self.calls = 0

    def handle(self, event: OutboxEvent) -> None:
        self.calls += 1
        if self.failures:
            raise self.failures.pop(0)
        self.handled.append(event)
        self.actors.append(current_user_id())


@pytest.fixture
def subscriber(monkeypatch) -> Subscriber:
    """Return the only subscriber that there is, to ``thing.happened``."""
    monkeypatch.setattr(subscriptions, "_handlers", {})
    subscriber = Subscriber()
    subscriptions.subscribe("thing.happened")(subscriber.handle)
    return subscriber
