"""Stores the rows of an uploaded file."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, transaction

from core.errors import ApplicationError
from core.exchange import files
from core.exchange.files import Fault, RefusedError, Row
from core.exchange.models import ExchangeFault, ExchangeJob, Mode, Strategy
from core.exchange.resources import ExchangeResource, chunks
from core.jobs.tasks import TRANSIENT_ERRORS
from core.progress.counts import Progress
from core.progress.models import Status
from core.records.bulk import create_rows

logger = logging.getLogger(__name__)

# Of a partial import: how many rows are stored, and counted, in one transaction.
ROWS_PER_TRANSACTION = 100


@dataclass
class Tally:
    """What became of some rows."""

    created: int = 0
    updated: int = 0
    skipped: int = 0
    faults: list[Fault] = field(default_factory=list)

    @property
    def failed(self) -> int:
        return len({fault.row for fault in self.faults})


def run_import(job: ExchangeJob, resource: ExchangeResource) -> None:
    """Store the rows of a file, and how far it is with them.

    All or nothing is one transaction. A partial import is one for each ROWS_PER_TRANSACTION rows,
    and a worker that takes over from one that died goes on behind the last of them: no row is
    stored twice.

    Raises:
        RefusedError: if the file cannot be read; or, where it is all or nothing, if a row has
            faults. Nothing is stored then.
    """
    with job.file.open("rb") as file:
        header, rows = files.read(file, job.format)
    check_header(header, resource)
    job.rows_total = len(rows)
    job.save(update_fields=["rows_total"])
    repeated = dict(repeated_keys(rows, resource))
    is_partial = job.mode == Mode.PARTIAL
    size = ROWS_PER_TRANSACTION if is_partial else max(len(rows), 1)
    progress = Progress(job.pk, job.rows_done)
    # A file without rows has one part too, so that its job ends.
    for start in range(job.rows_done, max(len(rows), 1), size):
        with transaction.atomic():
            # A second delivery of the message waits here, and then finds that this is done.
            job = ExchangeJob.objects.select_for_update().get(pk=job.pk)
            if job.has_ended or job.rows_done != start:
                return
            some = rows[start : start + size]
            tally = import_rows(some, resource, job.strategy, repeated, progress)
            if tally.faults and not is_partial:
                raise RefusedError(*tally.faults)
            count(job, tally, len(some))
            if job.rows_done == len(rows):
                job.status = Status.SUCCEEDED
            job.save()


def check_header(header: Sequence[str], resource: ExchangeResource) -> None:
    """Refuse a file without the natural key, or with columns that nobody knows.

    Columns that are only read, such as those of an export, may be there.
    """
    key = resource.key_field.column_name
    known = resource.headers()
    faults = [
        Fault(
            "unknown_column", f"There is no such column. There are {', '.join(known)}.", field=name
        )
        for name in header
        if name not in known
    ]
    if key not in header:
        faults.append(Fault("missing_column", "Rows are found by this column.", field=key))
    if faults:
        raise RefusedError(*faults)


def key_of(row: Row, resource: ExchangeResource) -> Any:
    """Return the natural key of a row; ``None`` if it has none, or one that cannot be."""
    try:
        return resource.key_field.clean(row.cells) or None
    except (ValueError, ArithmeticError):
        return None


def repeated_keys(rows: Sequence[Row], resource: ExchangeResource) -> Iterator[tuple[int, int]]:
    """Yield the number of each row whose natural key a row before it has, and the number of that."""
    first: dict[Any, int] = {}
    for row in rows:
        key = key_of(row, resource)
        if key is not None and first.setdefault(key, row.number) != row.number:
            yield row.number, first[key]


def import_rows(
    rows: Sequence[Row],
    resource: ExchangeResource,
    strategy: str,
    repeated: dict[int, int],
    progress: Progress,
) -> Tally:
    """Store rows within the open transaction, those with faults excepted.

    They are not stored in the order of the file, but in the one in which everybody locks: what is
    there by its primary key, then what is new by what must be unique. So two imports, or an import
    and whoever writes the same rows, never wait for each other in a circle.
    """
    tally = Tally()
    keys = {row.number: key_of(row, resource) for row in rows}
    instances = resource.lock([key for key in keys.values() if key is not None])
    there = [row for row in rows if keys[row.number] in instances]
    new = [row for row in rows if keys[row.number] not in instances]
    there.sort(key=lambda row: instances[keys[row.number]].pk)
    new.sort(key=lambda row: (keys[row.number] is None, keys[row.number] or ""))
    for row in [*there, *new]:
        instance = instances.get(keys[row.number])
        if row.number in repeated:
            message = f"Row {repeated[row.number]} has the same."
            key_fault = Fault("repeated", message, row.number, resource.key_field.column_name)
            tally.faults.append(key_fault)
        elif instance is not None and strategy == Strategy.APPEND:
            message = "This is there already."
            key_fault = Fault("exists", message, row.number, resource.key_field.column_name)
            tally.faults.append(key_fault)
        else:
            import_row(row, instance, resource, tally)
        progress.advance()
    tally.faults.sort(key=lambda fault: fault.row or 0)
    return tally


def import_row(row: Row, instance: Any, resource: ExchangeResource, tally: Tally) -> None:
    """Store a row in ``instance``, or in a new one, and note in ``tally`` what came of it.

    What is no fault of the row, such as a deadlock, is raised, so that the task is tried again.
    """
    is_new = instance is None
    if is_new:
        instance = resource.init_instance(row.cells)
    try:
        faults: dict[str, Any] = {}
        before = values_of(instance)
        try:
            resource.import_instance(instance, row.cells)
        except ValidationError as error:
            faults = error.update_error_dict({})
        if not is_new and not faults and values_of(instance) == before:
            tally.skipped += 1
            return
        resource.validate_instance(instance, faults)
        with transaction.atomic():
            resource.save_instance(instance, is_new, row.cells)
            resource.save_m2m(instance, row.cells)
    except ValidationError as error:
        tally.faults += faults_of(error, row, resource)
    except ApplicationError as error:
        tally.faults.append(Fault(error.code, error.message, row.number, error.field or ""))
    except IntegrityError:
        message = "Somebody else stored the same at the same time. Import this row again."
        tally.faults.append(Fault("conflict", message, row.number))
    except (SoftTimeLimitExceeded, *TRANSIENT_ERRORS):
        raise
    except Exception:
        logger.exception("Row %s could not be stored.", row.number)
        tally.faults.append(Fault("not_stored", "This row could not be stored.", row.number))
    else:
        tally.created += is_new
        tally.updated += not is_new


def values_of(instance: Any) -> dict[str, Any]:
    """Return what an instance would be stored with."""
    fields = instance._meta.concrete_fields
    return {one.attname: getattr(instance, one.attname) for one in fields if not one.generated}


def faults_of(error: ValidationError, row: Row, resource: ExchangeResource) -> Iterator[Fault]:
    """Yield a fault for each message, under the name that its column has in the file."""
    names = {one.attribute: one.column_name for one in resource.get_import_fields()}
    for attribute, errors in error.error_dict.items():
        about = "" if attribute == NON_FIELD_ERRORS else names.get(attribute, attribute)
        for one in errors:
            yield from (
                Fault(one.code or "invalid", message, row.number, about) for message in one.messages
            )


def count(job: ExchangeJob, tally: Tally, rows: int) -> None:
    """Add to a job what came of some of its rows."""
    job.rows_done += rows
    job.rows_created += tally.created
    job.rows_updated += tally.updated
    job.rows_skipped += tally.skipped
    job.rows_failed += tally.failed
    note(job, tally.faults)


def note(job: ExchangeJob, faults: Sequence[Fault]) -> None:
    """Keep what is wrong with a job."""
    for some in chunks(
        [
            ExchangeFault(
                job=job, row=fault.row, field=fault.field, code=fault.code, message=fault.message
            )
            for fault in faults
        ]
    ):
        create_rows(some)
