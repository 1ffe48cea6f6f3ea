"""Does what a job asks for."""

import logging
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from uuid import UUID

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from core.exchange import registry
from core.exchange.exports import run_export
from core.exchange.files import Fault, RefusedError
from core.exchange.imports import note, run_import
from core.exchange.models import FOLDER, Direction, ExchangeJob, Mode
from core.identity.actor import acting_as
from core.jobs.batches import take_unchanged
from core.progress.models import Status

logger = logging.getLogger(__name__)

OPEN = (Status.PENDING, Status.RUNNING)
# A job that kills whoever does it ends nevertheless; retries of the task count as well.
ATTEMPTS_MAXIMUM = 10
# No worker is at a job any more for which nothing was written for so long: longer than a task may
# take, and than the broker waits before it delivers again.
LOST_AFTER = timedelta(hours=1)
# Of those that belong to no job, in one purge.
FILES_PURGED_AT_ONCE = 1000


class PurgeError(Exception):
    """Something whose time is up is still there; what and why stands in the log."""


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


def take_lost() -> Iterator[UUID]:
    """Yield the jobs whose messages were lost, the oldest first, for the caller to send again.

    Each goes to one of those who ask at once, and to nobody else for LOST_AFTER: one that only waits
    in a long queue gets no message at each time.
    """
    yield from take_unchanged(ExchangeJob.objects.filter(status__in=OPEN), since=LOST_AFTER)


def purge() -> None:
    """Delete jobs whose time is up with their files, which may hold personal data.

    Files of that age that belong to no job go too. What cannot be deleted is left to the next purge,
    and keeps nothing else from being deleted.

    Raises:
        PurgeError: if something is left.
    """
    since = timezone.now() - timedelta(hours=settings.EXCHANGE_RETENTION_HOURS)
    left = 0
    for job in ExchangeJob.objects.filter(created_at__lt=since).order_by("pk").iterator():
        # The file first: else it would stay for ever if this ended in between.
        if tried(partial(job.file.delete, save=False), f"The file of job {job.pk}"):
            job.delete()
        else:
            left += 1
    for name in orphans():
        left += not tried(partial(delete_older, name, since), name)
    if left:
        raise PurgeError(f"{left} files could not be deleted.")


def orphans() -> Iterator[str]:
    """Yield the names of files that belong to no job, as far as the storage can list them.

    Such are uploads whose transaction was rolled back. Of a COMMIT without an answer nobody knows
    whether it was, so none is deleted at once. New ones may belong to a job that is not committed yet.
    """
    try:
        _, names = default_storage.listdir(FOLDER)
    except (FileNotFoundError, NotImplementedError):
        return
    known = set(ExchangeJob.objects.values_list("file", flat=True))
    paths = (f"{FOLDER}/{name}" for name in names)
    yield from islice((path for path in paths if path not in known), FILES_PURGED_AT_ONCE)


def delete_older(name: str, since: datetime) -> None:
    """Delete a file unless it was written after ``since``."""
    with suppress(FileNotFoundError):  # Whoever wrote it may delete it meanwhile.
        if default_storage.get_modified_time(name) < since:
            default_storage.delete(name)


def tried(delete: Callable[[], None], what: str) -> bool:
    """Call ``delete``, and tell whether it did; why it did not is logged."""
    try:
        delete()
    except SoftTimeLimitExceeded:
        raise
    except Exception:  # (whatever a storage raises)
        logger.exception("%s could not be deleted.", what)
        return False
    return True
