"""Does what a job asks for."""

import logging
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from core.exchange import registry
from core.exchange.exports import run_export
from core.exchange.files import Fault, RefusedError
from core.exchange.imports import note, run_import
from core.exchange.models import Direction, ExchangeJob, Mode
from core.identity.actor import acting_as
from core.progress.models import Status

logger = logging.getLogger(__name__)

OPEN = (Status.PENDING, Status.RUNNING)
# A job that kills whoever does it ends nevertheless; retries of the task count as well.
ATTEMPTS_MAXIMUM = 10
# No worker is at a job any more for which nothing was written for so long: longer than a task may
# take, and than the broker waits before it delivers again.
LOST_AFTER = timedelta(hours=1)


def run(job_id: UUID) -> None:
    """Do a job that has not ended, for whom it belongs to. One that a killed worker left goes on."""
    if not start(job_id):
        return
    job = ExchangeJob.objects.select_related("created_by").get(pk=job_id)
    with acting_as(job.created_by_id):
        try:
            exchange(job)
        except RefusedError as refused:
            end_failed(job_id, *refused.faults)


def start(job_id: UUID) -> bool:
    """Mark a job as running, unless it has ended; tell whether it was."""
    return bool(
        ExchangeJob.objects.filter(pk=job_id, status__in=OPEN).update(
            status=Status.RUNNING, attempts=F("attempts") + 1, updated_at=timezone.now()
        )
    )


def exchange(job: ExchangeJob) -> None:
    if job.attempts > ATTEMPTS_MAXIMUM:
        raise RefusedError(Fault("not_finished", "The job was begun too often."))
    exchangeable = registry.find(job.resource)
    # What the user may do can have changed since it was asked for.
    if job.created_by is None or not exchangeable.permission(user=job.created_by):
        raise RefusedError(Fault("permission_denied", "You may not exchange this any more."))
    resource = exchangeable.resource_class()
    if job.direction == Direction.IMPORT:
        run_import(job, resource)
    else:
        run_export(job, resource, user=job.created_by)


@transaction.atomic
def end_failed(job_id: UUID, *faults: Fault) -> None:
    """Say why a job has failed. What a partial import has stored before stays."""
    job = ExchangeJob.objects.select_for_update().get(pk=job_id)
    if job.has_ended:
        return
    job.status = Status.FAILED
    if job.mode == Mode.ALL_OR_NOTHING:
        job.rows_failed = len({fault.row for fault in faults} - {None})
    job.save(update_fields=["status", "rows_failed"])
    note(job, faults)


def fail(job_id: UUID) -> None:
    """Mark a job that will not be tried again. Why stands in the log, which may hold secrets."""
    end_failed(job_id, Fault("not_finished", "The job could not be finished."))


def lost() -> Iterator[UUID]:
    """Yield the jobs whose messages were lost, as when the broker was away."""
    since = timezone.now() - LOST_AFTER
    open_jobs = ExchangeJob.objects.filter(status__in=OPEN, updated_at__lt=since)
    yield from open_jobs.values_list("pk", flat=True)


def purge() -> None:
    """Delete jobs whose time is up with their files, which may hold personal data."""
    since = timezone.now() - timedelta(hours=settings.EXCHANGE_RETENTION_HOURS)
    for job in ExchangeJob.objects.filter(created_at__lt=since).iterator():
        # The file first: else it would stay for ever if this ended in between.
        job.file.delete(save=False)
        job.delete()
