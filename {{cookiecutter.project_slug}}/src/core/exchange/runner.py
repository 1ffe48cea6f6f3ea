"""Does what a job asks for."""

import logging
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from typing import Any
from uuid import UUID

from django.core.exceptions import NON_FIELD_ERRORS
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone
from import_export.exceptions import FieldError
from import_export.results import Result

from core.exchange import files, registry
from core.exchange.models import Direction, ExchangeJob, Status
from core.exchange.progress import Progress
from core.exchange.resources import ExchangeResource

logger = logging.getLogger(__name__)

ERRORS_MAXIMUM = 100
RETENTION = timedelta(days=7)


def run(job_id: UUID) -> None:
    """Do a job that has not ended. One that a killed worker left begins anew."""
    job = ExchangeJob.objects.get(pk=job_id)
    if job.has_ended:
        return
    job.status = Status.RUNNING
    job.save(update_fields=["status"])
    resource = registry.find(job.resource).resource_class(on_row=Progress(job_id))
    try:
        (run_import if job.direction == Direction.IMPORT else run_export)(job, resource)
    except files.RefusedError as refused:
        job.status = Status.FAILED
        job.errors = list(islice(refused.errors, ERRORS_MAXIMUM))
        job.save(update_fields=["status", "errors"])


def run_import(job: ExchangeJob, resource: ExchangeResource) -> None:
    """Store all rows of the file or none, and the job's success with them.

    Raises:
        RefusedError: when there are faults in the file or in its rows.
    """
    with job.file.open("rb") as file:
        dataset = files.read(file.read(), job.format)
    job.rows_total = len(dataset)
    job.save(update_fields=["rows_total"])
    with transaction.atomic():
        # A second delivery of the message waits here, and then finds the job done.
        if ExchangeJob.objects.select_for_update().get(pk=job.pk).has_ended:
            return
        result = resource.import_data(
            dataset, use_transactions=True, rollback_on_validation_errors=True
        )
        if errors := list(errors_of(result)):
            raise files.RefusedError(*errors)
        succeed(job, rows=len(dataset))


def run_export(job: ExchangeJob, resource: ExchangeResource) -> None:
    """Write all rows into a file.

    Raises:
        RefusedError: when there are too many.
    """
    queryset = resource.get_queryset().order_by("pk")
    job.rows_total = queryset.count()
    if job.rows_total > files.EXPORT_ROWS_MAXIMUM:
        raise files.too_many_rows(files.EXPORT_ROWS_MAXIMUM)
    job.save(update_fields=["rows_total"])
    # Numbers and dates as such: in XLSX they are, and text that looks like them is told apart.
    dataset = resource.export(queryset, force_native_type=True)
    job.file.save("", ContentFile(files.write(dataset, job.format)), save=False)
    succeed(job, rows=len(dataset))


def succeed(job: ExchangeJob, *, rows: int) -> None:
    job.status = Status.SUCCEEDED
    job.rows_done = job.rows_total = rows
    job.save(update_fields=["status", "rows_done", "rows_total", "file"])


def fail(job_id: UUID) -> None:
    """Mark a job that will not be tried again. Why stands in the log, which may hold secrets."""
    job = ExchangeJob.objects.get(pk=job_id)
    if not job.has_ended:
        job.status = Status.FAILED
        job.errors = files.refusal("The job could not be finished.").errors
        job.save(update_fields=["status", "errors"])


def errors_of(result: Result) -> Iterator[dict[str, Any]]:
    """Yield what is wrong with an import, as ``ExchangeJob.errors`` has it."""
    for error in result.base_errors:
        is_known = isinstance(error.error, FieldError)
        message = str(error.error) if is_known else "The rows could not be stored."
        yield {"row": None, "field": None, "message": message}
    for row in result.invalid_rows:
        for field, messages in row.error_dict.items():
            about = None if field == NON_FIELD_ERRORS else field
            yield from ({"row": row.number, "field": about, "message": text} for text in messages)
    for row in result.error_rows:
        logger.error("Row %s could not be stored: %r", row.number, row.errors[0].error)
        yield {"row": row.number, "field": None, "message": "This row could not be stored."}


def purge() -> None:
    """Delete jobs older than ``RETENTION`` with their files, which may hold personal data."""
    for job in ExchangeJob.objects.filter(created_at__lt=timezone.now() - RETENTION).iterator():
        job.file.delete(save=False)
        job.delete()
