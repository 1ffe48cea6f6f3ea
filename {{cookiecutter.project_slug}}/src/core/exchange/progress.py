"""How far a running job is: in the cache, since nobody sees what an open transaction wrote."""

from uuid import UUID

from django.core.cache import cache

from core.exchange.models import ExchangeJob, Status

EVERY_ROWS = 100
KEPT_SECONDS = 60 * 60


class Progress:
    """Counts a job's rows: call it after each."""

    def __init__(self, job_id: UUID) -> None:
        self.key = key_of(job_id)
        self.rows = 0

    def __call__(self) -> None:
        self.rows += 1
        if self.rows % EVERY_ROWS == 0:
            cache.set(self.key, self.rows, timeout=KEPT_SECONDS)


def rows_done(job: ExchangeJob) -> int:
    """Return how many rows of a job are done, to within ``EVERY_ROWS`` while it runs."""
    if job.status != Status.RUNNING:
        return job.rows_done
    rows: int = cache.get(key_of(job.pk), 0)
    return rows


def key_of(job_id: UUID) -> str:
    return f"core.exchange.rows_done.{job_id}"
