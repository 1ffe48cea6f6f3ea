"""How far a job is: in its row, and while it runs in what its worker has told."""

from core.exchange.models import ExchangeJob
from core.progress.counts import percent_of, told
from core.progress.models import Status


def rows_done(job: ExchangeJob) -> int:
    """Return how many rows of a job are done."""
    counts = told(job.pk) if job.status == Status.RUNNING else None
    return counts.done if counts else job.rows_done


def percent_done(job: ExchangeJob) -> int | None:
    """Return how many per cent of a job's rows are done; ``None`` while their number is unknown."""
    return percent_of(rows_done(job), job.rows_total, has_ended=job.has_ended)
