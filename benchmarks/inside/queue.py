"""Queues events in the outbox, and empties it in two ways: by the service's relay, and a bare one.

Takes the numbers of ``events`` to publish, of ``aggregates`` that they are of in turn, and of
``rounds``. No worker runs meanwhile, and in each round each side relays its part of what is queued.
Returns as ``relayed`` for each side a list of rounds with the seconds that an event took: of the ``wall``, and of this
process's ``cpu``; and as ``queries`` how many it takes to handle an event, without those that begin and end
transactions.
"""

import json
import sys
import time
from collections.abc import Callable, Sequence

from apps.users.models import User
from config.celery import app
from core.events import inbox
from core.events.models import OutboxEvent
from core.events.outbox import publish
from core.events.relay import relay_batch
from core.events.subscriptions import subscribers_of
from core.events.tasks import send_to_worker
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from benchmarks.inside.ask import TRANSACTION
from benchmarks.inside.happenings import Happened, bare_handle, bare_relay_batch, forget_others

# Of each transaction.
EVENTS = 10


def publish_all(count: int, aggregates: Sequence[User]) -> None:
    """Publish ``count`` events as services do, several in a transaction, each of another row."""
    for first in range(0, count, EVENTS):
        with transaction.atomic():
            for number in range(first, min(first + EVENTS, count)):
                publish(Happened(number=number), aggregate=aggregates[number % len(aggregates)])


def played(relay: Callable[[], int], count: int) -> dict[str, float]:
    """Relay at least ``count`` events; return the seconds that one of them took.

    Raises:
        RuntimeError: if there are not so many.
    """
    relayed = 0
    started, cpu_started = time.perf_counter(), time.process_time()
    while relayed < count:
        found = relay()
        if not found:
            raise RuntimeError(f"{relayed} events were queued, not {count}.")
        relayed += found
    return {
        "wall": (time.perf_counter() - started) / relayed,
        "cpu": (time.process_time() - cpu_started) / relayed,
    }


def queries(handle: Callable[[], object]) -> int:
    """Return how many queries ``handle`` makes."""
    with CaptureQueriesContext(connection) as captured:
        handle()
    return sum(not query["sql"].startswith(TRANSACTION) for query in captured.captured_queries)


def handled_queries() -> dict[str, int]:
    """Return the queries of one event, which another of its row follows; mark it as handled."""
    [subscriber] = subscribers_of(Happened.event_name)
    first, second = OutboxEvent.objects.order_by("sequence", "pk")[:2]
    following = inbox.handle(first.pk, subscriber)
    return {
        "service": queries(lambda: inbox.handle(following, subscriber)),
        "bare": queries(lambda: bare_handle(str(second.pk))),
    }


def main() -> None:
    numbers = json.load(sys.stdin)
    app.set_default()
    forget_others()
    users = User.objects.bulk_create(
        User(email=f"aggregate{number}@example.com", password=f"!{number}")
        for number in range(numbers["aggregates"])
    )
    publish_all(numbers["events"], users)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    relays = {"service": lambda: relay_batch(send_to_worker), "bare": bare_relay_batch}
    found: dict[str, list[dict[str, float]]] = {side: [] for side in relays}
    part = numbers["events"] // numbers["rounds"] // len(relays)
    for number in range(numbers["rounds"]):
        for side in relays if number % 2 else reversed(relays):
            found[side].append(played(relays[side], part))
    print(json.dumps({"relayed": found, "queries": handled_queries()}))


if __name__ == "__main__":
    main()
