"""How far a running job is: in the cache, since nobody sees what an open transaction wrote."""

import logging
from uuid import UUID

from django.core.cache import cache

from core.exchange.models import ExchangeJob, Status

logger = logging.getLogger(__name__)

EVERY_ROWS = 100
KEPT_SECONDS = 60 * 60


class Progress:
    """Counts a job's rows, from ``rows`` on: call it after each."""

    def __init__(self, job_id: UUID, rows: int = 0) -> None:
        self.key = key_of(job_id)
        self.rows = rows
        self.tell()

    def __call__(self) -> None:
        self.rows += 1
        if self.rows % EVERY_ROWS == 0:
            self.tell()

    def tell(self) -> None:
        try:
            cache.set(self.key, self.rows, timeout=KEPT_SECONDS)
        except Exception as error:  # noqa: BLE001 (each backend raises its own kind)
            logger.warning("Nobody hears how far a job is: %r", error)


def rows_done(job: ExchangeJob) -> int:
    """Return how many rows of a job are done, to within ``EVERY_ROWS`` while it runs."""
    if job.status != Status.RUNNING:
        return job.rows_done
    try:
        rows: int = cache.get(key_of(job.pk), job.rows_done)
    except Exception as error:  # noqa: BLE001 (as above)
        logger.warning("Nobody knows how far a job is: %r", error)
        return job.rows_done
    return rows


def percent_done(job: ExchangeJob) -> int | None:
    """Return how many per cent of a job's rows are done; ``None`` while their number is unknown."""
    if job.rows_total is None:
        return None
    if job.rows_total == 0:
        return 100 if job.has_ended else 0
    return min(100 * rows_done(job) // job.rows_total, 100)


def key_of(job_id: UUID) -> str:
    return f"core.exchange.rows_done.{job_id}"
