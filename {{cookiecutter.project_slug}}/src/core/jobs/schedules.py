"""The scheduler of periodic tasks, of which several may run.

What was sent when stands in the database. A scheduler that finds an entry due locks its row, looks
again, sends the task, and only then commits that it did: of two, the second waits for the first and
then finds nothing to do. One that dies before it has sent loses nothing: the entry stays due, for the
others and for the next one that starts. One that dies between sending and committing has the task
sent once more, as a broker may do with any message.
"""

import signal
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime, timedelta
from logging import getLogger
from threading import current_thread, main_thread
from typing import Any

from celery.beat import Scheduler
from django.db import connection, transaction
from django.utils import timezone

from core.jobs.models import ScheduledTask

logger = getLogger(__name__)

# After a fault, of the database or the broker.
RETRY_SECONDS = 2.0
# How far the clock of another scheduler may be ahead.
AHEAD_MAXIMUM = timedelta(minutes=1)


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Have SIGTERM and SIGINT wait for the end of the block.

    Celery's handlers raise SystemExit wherever they come: half a message or half a commit would leave
    connections behind that cannot be closed any more.
    """
    if current_thread() is not main_thread():  # As with ``worker --beat``: no signal comes there.
        yield
        return
    came: list[int] = []
    handlers = {
        number: signal.signal(number, lambda number, _: came.append(number))
        for number in (signal.SIGTERM, signal.SIGINT)
    }
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        if came:
            signal.raise_signal(came[0])


class SharedScheduler(Scheduler):
    """Sends each due entry once, however many schedulers there are.

    Their clocks may differ by less than the shortest interval.

    https://docs.celeryq.dev/en/stable/userguide/periodic-tasks.html#using-custom-scheduler-classes
    """

    def setup_schedule(self) -> None:
        """Take the entries from the settings, and when they last ran from the database."""
        self.install_default_entries(self.schedule)
        self.merge_inplace(self.app.conf.beat_schedule)
        entries: dict[str, Any] = self.schedule
        now = timezone.now()
        ScheduledTask.objects.bulk_create(
            [ScheduledTask(name=name, last_run_at=now) for name in entries], ignore_conflicts=True
        )
        for known in ScheduledTask.objects.filter(name__in=entries):
            entries[known.name].last_run_at = min(known.last_run_at, now)
        connection.close()

    def tick(self, *_: Any, **__: Any) -> float:
        """Send what is due, and return in how many seconds to look again."""
        waits = [self._attend(entry) for entry in self.schedule.values()]
        return max(0.0, min([*waits, self.max_interval or 0.0]))

    def _attend(self, entry: Any) -> float:
        is_due, wait = entry.is_due()
        if not is_due:
            return float(wait)
        try:
            # A broker that is away is waited for here, where no row is locked.
            producer = self.producer
            with uninterrupted():
                entry.last_run_at = self._send_if_due(entry, producer)
        except Exception:  # One entry must not stop the others.
            logger.exception("%s could not be sent.", entry.name)
            self._disconnect()
            return RETRY_SECONDS
        return float(entry.is_due()[1])

    def _send_if_due(self, entry: Any, producer: Any) -> datetime:
        """Return when the entry was last sent: now, or before by another scheduler."""
        with closing(connection), transaction.atomic():
            # The row is not there where the database was restored from before the entry.
            known, _ = ScheduledTask.objects.select_for_update().get_or_create(
                pk=entry.name, defaults={"last_run_at": entry.last_run_at}
            )
            now = timezone.now()
            last_run_at = known.last_run_at
            if last_run_at > now + AHEAD_MAXIMUM:
                # Written while a clock was wrong: the entry would be silent until then.
                last_run_at = entry.last_run_at
            if not entry.schedule.is_due(last_run_at)[0]:
                return last_run_at
            known.last_run_at = now
            known.save(update_fields=["last_run_at"])
            logger.info("Sending due task %s (%s)", entry.name, entry.task)
            # Trying again is done outside, without the lock.
            entry.options = {**entry.options, "retry": False}
            self.apply_async(entry, producer=producer, advance=False)
        return known.last_run_at

    def _disconnect(self) -> None:
        """Forget the connection to the broker, so that the next try makes one."""
        with suppress(Exception):
            self.connection.close()
        for name in ("connection", "producer"):
            vars(self).pop(name, None)
