"""How far running work is: in the cache, since nobody sees what an open transaction wrote."""

import logging
from time import monotonic
from typing import NamedTuple
from uuid import UUID

from celery.exceptions import SoftTimeLimitExceeded
from django.core.cache import cache

logger = logging.getLogger(__name__)

# How often one piece of work writes to the cache at most.
EVERY_SECONDS = 0.5
# When a cache that was away is tried again: it may have taken its time to fail.
AWAY_SECONDS = 30.0
KEPT_SECONDS = 60 * 60


class Counts(NamedTuple):
    """How much is done, from 0 on; and of how much, or ``None`` while nobody knows."""

    done: int
    total: int | None = None


class Progress:
    """Tells how far a piece of work is. Cheap: most calls only look at the clock.

    A cache that is away fails no work; then nobody hears of it until the work ends.
    """

    def __init__(self, key: UUID | None, done: int = 0) -> None:
        """Begin to tell.

        Args:
            key: that of the row that stands for the work; ``None`` tells nobody.
            done: how much was done before.
        """
        self.counts = Counts(done)
        self._name = name_of(key) if key else None
        self._due = 0.0
        self._write()

    def tell(self, *, done: int, total: int | None = None) -> None:
        """Tell how much is done.

        Args:
            done: from 0 on, in whatever is counted.
            total: how much there is to do; what was last told, if it is not given.

        Raises:
            ValueError: for a number below 0.
        """
        if done < 0 or (total is not None and total < 0):
            raise ValueError(f"Progress counts from 0 on, not {done} of {total}.")
        before = self.counts
        self.counts = Counts(done, before.total if total is None else total)
        # What there is to do is told at once: the first part of it may take long.
        if self.counts.total != before.total or monotonic() >= self._due:
            self._write()

    def advance(self) -> None:
        """Tell that one more is done."""
        self.tell(done=self.counts.done + 1)

    def _write(self) -> None:
        if self._name is None:
            return
        pause = EVERY_SECONDS
        try:
            cache.set(self._name, tuple(self.counts), timeout=KEPT_SECONDS)
        except SoftTimeLimitExceeded:
            raise
        except Exception as error:  # noqa: BLE001 (each backend raises its own kind)
            logger.warning("Nobody hears how far the work is: %r", error)
            pause = AWAY_SECONDS
        self._due = monotonic() + pause


def told(key: UUID) -> Counts | None:
    """Return what was last told of the work of ``key``, to within ``EVERY_SECONDS``; ``None`` if nothing."""
    try:
        found = cache.get(name_of(key))
    except Exception as error:  # noqa: BLE001 (as above)
        logger.warning("Nobody knows how far the work is: %r", error)
        return None
    return Counts(*found) if found else None


def percent_of(done: int, total: int | None, *, has_ended: bool) -> int | None:
    """Return how many per cent are done, from 0 to 100; ``None`` while the total is unknown."""
    if total is None:
        return None
    if total == 0:
        return 100 if has_ended else 0
    return min(100 * done // total, 100)


def name_of(key: UUID) -> str:
    return f"core.progress.{key}"
