"""Has a worker with one process work, and waits until all of it is done, with what follows of it.

Takes the ``side``, ``service`` or ``bare``, and the number of ``tasks``. Returns how many ``effects`` are done
and ``events`` handled by all the service's tasks so far.
"""

import json
import sys

import redis
from config.celery import app
from core.events.models import OutboxEvent
from core.jobs.models import Effect
from django.conf import settings

from benchmarks.inside import chores, tasks
from benchmarks.inside.happenings import forget_others

# A task nudges the relay, which sends the event to its handler.
STEPS = 3


def service(count: int) -> None:
    app.set_default()
    forget_others()
    for number in range(count):
        chores.work.delay(number)
    # What tasks send stands behind the mark; the next one is behind that.
    for _ in range(STEPS):
        tasks.pass_through()


def bare(count: int) -> None:
    from benchmarks.bare import celery  # noqa: PLC0415 (makes its app the current one)

    for number in range(count):
        celery.work.delay(number)
    celery.end.delay()
    with redis.Redis.from_url(
        settings.CELERY_BROKER_URL, socket_timeout=2 * tasks.WAIT_SECONDS
    ) as server:
        if not server.blpop(["bare-ended"], tasks.WAIT_SECONDS):
            raise TimeoutError(f"{count} tasks are not done after {tasks.WAIT_SECONDS} s.")


def main() -> None:
    numbers = json.load(sys.stdin)
    {"service": service, "bare": bare}[numbers["side"]](numbers["tasks"])
    effects = Effect.objects.filter(done_at__isnull=False, key__startswith="chore:")
    events = OutboxEvent.objects.filter(handled_at__isnull=False, aggregate=None)
    print(json.dumps({"effects": effects.count(), "events": events.count()}))


if __name__ == "__main__":
    main()
