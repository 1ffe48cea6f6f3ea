"""Several relays, workers and publishers at once, on databases that have several writers."""

import random
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Event as Flag
from threading import Thread
from uuid import UUID

import pytest
from django.db import connection, transaction

from core.events import inbox, relay, subscriptions
from core.events.event import Event
from core.events.models import OutboxEvent
from core.events.outbox import publish
from core.events.tasks import event_handle
from tests.factories.users import UserFactory
from tests.integration.core.events.conftest import make_events, make_row
from tests.integration.core.events.things import ThingHappened

SECONDS = 60

pytestmark = [
    pytest.mark.race,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer at a time"),
]


class Running:
    """Threads with connections of their own, which are joined at the end; errors of them count."""

    def __init__(self) -> None:
        self.threads: list[Thread] = []
        self.errors: list[BaseException] = []

    def start(self, work: Callable[[], None]) -> None:
        def run() -> None:
            try:
                work()
            except BaseException as error:  # noqa: BLE001 (shown by join)
                self.errors.append(error)
            finally:
                connection.close()

        self.threads.append(Thread(target=run))
        self.threads[-1].start()

    def join(self) -> None:
        for thread in self.threads:
            thread.join(timeout=SECONDS)
        assert self.errors == []
        assert not any(thread.is_alive() for thread in self.threads)


def test_relay_batch_passes_over_what_another_relay_holds(subscriber):
    event, free = make_events(2)
    sent = []

    def work() -> None:
        relay.relay_batch(lambda event_id, _: sent.append(event_id))

    with transaction.atomic():
        OutboxEvent.objects.select_for_update().get(pk=event.pk)
        running = Running()
        running.start(work)
        running.join()

    assert sent == [free.pk]


def test_relay_batch_holds_no_event_while_it_sends(subscriber):
    make_events(1)
    others = []

    def work() -> None:
        with transaction.atomic():
            others.append(OutboxEvent.objects.select_for_update(nowait=True).get().attempts)

    def send(event_id: UUID, subscriber: str) -> None:
        running = Running()
        running.start(work)
        running.join()

    relay.relay_batch(send)

    assert others == [1]


def test_publishers_of_one_aggregate_at_once_number_its_events_without_a_gap():
    user = UserFactory()
    running = Running()

    def publish_some() -> None:
        for _ in range(5):
            with transaction.atomic():
                publish(ThingHappened(), aggregate=user)

    for _ in range(3):
        running.start(publish_some)
    running.join()

    numbers = OutboxEvent.objects.order_by("sequence").values_list("sequence", flat=True)
    assert list(numbers) == list(range(1, 16))


class Handlers:
    """Two handlers that remember what they handled; one fails at its first try of every other event."""

    def __init__(self) -> None:
        self.handled: dict[str, list[UUID]] = defaultdict(list)
        self.tried: set[UUID] = set()

    def steady(self, event: Event) -> None:
        self.handled["steady"].append(event.envelope.id)

    def failing(self, event: Event) -> None:
        key = event.envelope.id
        if key.int % 2 and key not in self.tried:
            self.tried.add(key)
            raise ZeroDivisionError
        self.handled["failing"].append(key)


class LossyBroker:
    """Loses one of three messages, and gives the others out in any order."""

    def __init__(self) -> None:
        self.chance = random.Random(7)  # noqa: S311 (no secret)
        self.messages: SimpleQueue[tuple[UUID, str]] = SimpleQueue()
        self.done = Flag()

    def send(self, event_id: UUID, name: str) -> None:
        if self.chance.random() > 1 / 3:
            self.messages.put((event_id, name))

    def relay(self) -> None:
        """Relay until all is handled."""
        deadline = time.monotonic() + SECONDS
        while OutboxEvent.objects.filter(handled_at=None).exists():
            assert time.monotonic() < deadline
            relay.relay_batch(self.send)
            self.done.wait(0.05)
        self.done.set()

    def work(self) -> None:
        held: list[tuple[UUID, str]] = []
        while not self.done.is_set():
            with suppress(Empty):
                held.append(self.messages.get(timeout=0.01))
            if held and (len(held) > 4 or self.messages.empty()):
                event_id, name = held.pop(self.chance.randrange(len(held)))
                event_handle(str(event_id), name)


@pytest.mark.slow
def test_events_of_an_aggregate_are_handled_in_order_by_two_relays_and_two_workers(
    monkeypatch, settings
):
    settings.EVENTS_RESEND_SECONDS = 0
    monkeypatch.setattr(relay, "SENDS_MAX", 10**6)
    monkeypatch.setattr(inbox, "BACKOFF_SECONDS", 0)
    monkeypatch.setattr(subscriptions, "_handlers", {})
    handlers, broker = Handlers(), LossyBroker()
    subscriptions.subscribe(ThingHappened)(handlers.steady)
    subscriptions.subscribe(ThingHappened)(handlers.failing)
    rows = [make_row(8, aggregate=f"things:{number}") for number in range(5)]
    connection.close()  # The pool has one for each of the four.

    running = Running()
    for each in (broker.relay, broker.relay, broker.work, broker.work):
        running.start(each)
    running.join()

    for handled in (handlers.handled["steady"], handlers.handled["failing"]):
        for row in rows:
            keys = [event.pk for event in row]
            assert [key for key in handled if key in keys] == keys
