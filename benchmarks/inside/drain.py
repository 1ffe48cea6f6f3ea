"""Lets workers empty the outbox, in two ways, and publishes at a steady rate.

Takes the number of events ``published`` in a second, and for how many ``seconds``. What
``benchmarks.inside.queue`` left in the outbox is queued anew for each side. Returns for each side: the ``seconds``
until all of it was handled and no message was left; the ``lags`` of it, from the start of the relay, in seconds;
how many events were handled ``out_of_order``; and the ``steady_lags``, each from the event's commit.
"""

import json
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from apps.users.models import User
from config.celery import app
from core.events import outbox
from core.events.models import InboxEntry, OutboxEvent
from core.events.tasks import outbox_publish
from django.db import connection, transaction
from django.utils import timezone

from benchmarks.inside import tasks
from benchmarks.inside.happenings import Happened, bare_publish

RELAYS = {"service": outbox_publish, "bare": bare_publish}
POLL_SECONDS = 0.05
# Of the two that one aggregate's handlers wrote, the later event's is the earlier one.
OUT_OF_ORDER = (
    "SELECT count(*) FROM (SELECT entry.handled_at, lag(entry.handled_at) "
    "OVER (PARTITION BY aggregate ORDER BY sequence) AS before "
    "FROM events_inboxentry entry JOIN events_outboxevent event ON event.id = event_id) AS pairs "
    "WHERE handled_at < before"
)


def run(sql: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone() if cursor.description else None


def queue_again() -> None:
    """Let all events be as they were when they were published."""
    InboxEntry.objects.all().delete()
    run(
        "UPDATE events_outboxevent SET published_at = NULL, handled_at = NULL, attempts = 0, "
        "due_at = created_at"
    )
    run("VACUUM ANALYZE events_outboxevent")


def await_handled() -> None:
    """Wait until no event is open, and the workers have taken all messages.

    Raises:
        TimeoutError: if that takes too long.
    """
    deadline = time.monotonic() + tasks.WAIT_SECONDS
    while OutboxEvent.objects.filter(handled_at=None).exists():
        if time.monotonic() > deadline:
            raise TimeoutError(f"Events are open after {tasks.WAIT_SECONDS} s.")
        time.sleep(POLL_SECONDS)
    tasks.pass_through()


def lags(since: dict[Any, datetime]) -> list[float]:
    """Return how long after ``since`` each of those events counted as handled, in seconds."""
    handled = OutboxEvent.objects.in_bulk(list(since))
    return [(handled[key].handled_at - moment).total_seconds() for key, moment in since.items()]


def drained(side: str) -> dict[str, Any]:
    """Let workers handle all that is queued."""
    queue_again()
    keys = list(OutboxEvent.objects.values_list("pk", flat=True))
    started = timezone.now()
    RELAYS[side].delay()
    await_handled()
    seconds = (timezone.now() - started).total_seconds()
    [out_of_order] = run(OUT_OF_ORDER)
    return {
        "seconds": seconds,
        "lags": lags(dict.fromkeys(keys, started)),
        "out_of_order": out_of_order,
    }


def moments(count: int, rate: float) -> Iterator[int]:
    """Count, at that many a second."""
    started = time.monotonic()
    for number in range(count):
        time.sleep(max(0.0, started + number / rate - time.monotonic()))
        yield number


def steady(side: str, rate: float, seconds: float) -> list[float]:
    """Publish events, each in a transaction of its own; return their lags."""
    committed: list[datetime] = []
    aggregates = list(User.objects.all())
    known = set(OutboxEvent.objects.values_list("pk", flat=True))
    # What publish calls after the commit.
    service_nudge, outbox.nudge = outbox.nudge, lambda: RELAYS[side].apply_async(retry=False)
    for number in moments(int(rate * seconds), rate):
        with transaction.atomic():
            # Before publish, so that it comes before the nudge.
            transaction.on_commit(lambda: committed.append(timezone.now()))
            outbox.publish(Happened(number=number), aggregate=aggregates[number % len(aggregates)])
    outbox.nudge = service_nudge
    await_handled()
    keys = OutboxEvent.objects.exclude(pk__in=known).order_by("pk").values_list("pk", flat=True)
    return lags(dict(zip(keys, committed, strict=True)))


def main() -> None:
    numbers = json.load(sys.stdin)
    app.set_default()
    tasks.pass_through()
    found = {side: drained(side) for side in RELAYS}
    for side in RELAYS:
        found[side]["steady_lags"] = steady(side, numbers["published"], numbers["seconds"])
    print(json.dumps(found))


if __name__ == "__main__":
    main()
