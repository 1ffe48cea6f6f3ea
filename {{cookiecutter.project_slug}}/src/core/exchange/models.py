"""The jobs: what was asked for, how far it is, what came of it."""

import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models

from core.progress.models import Status
from core.records.models import Record


class Direction(models.TextChoices):
    IMPORT = "import"
    EXPORT = "export"


class Format(models.TextChoices):
    CSV = "csv"
    XLSX = "xlsx"


class Mode(models.TextChoices):
    """Whether rows with faults keep the others of their file from being stored."""

    ALL_OR_NOTHING = "all_or_nothing"
    PARTIAL = "partial"


class Strategy(models.TextChoices):
    """What becomes of a row whose natural key is there already."""

    UPDATE = "update"  # It changes; a new one is added.
    APPEND = "append"  # It is refused; a new one is added.


# Of the storage; it holds files of jobs, and nothing else.
FOLDER = "exchange"


def stored_name(job: "ExchangeJob", _name: str) -> str:
    """Return a path in the storage that holds nothing a client sent, and that nobody guesses."""
    return f"{FOLDER}/{secrets.token_hex(32)}.{job.format}"


class ExchangeJob(Record):
    """An import or an export; it belongs to ``created_by``.

    ``file`` is what was uploaded, or the result. ``mode`` and ``strategy`` are those of an import.
    An import has gone through ``rows_done`` of its ``rows_total`` rows, which were created, updated,
    skipped because they change nothing, or failed. ``attempts`` tells how often a worker began.
    """

    direction = models.CharField(max_length=6, choices=Direction)
    resource = models.CharField(max_length=100)
    format = models.CharField(max_length=4, choices=Format)
    mode = models.CharField(max_length=14, choices=Mode, default=Mode.ALL_OR_NOTHING)
    strategy = models.CharField(max_length=6, choices=Strategy, default=Strategy.UPDATE)
    status = models.CharField(max_length=9, choices=Status, default=Status.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    file = models.FileField(upload_to=stored_name, blank=True)
    rows_total = models.PositiveIntegerField(null=True, blank=True)
    rows_done = models.PositiveIntegerField(default=0)
    rows_created = models.PositiveIntegerField(default=0)
    rows_updated = models.PositiveIntegerField(default=0)
    rows_skipped = models.PositiveIntegerField(default=0)
    rows_failed = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("-id",)
        indexes = (models.Index(fields=["created_at"], name="exchange_job_created_at"),)

    def __str__(self) -> str:
        return f"{self.direction} of {self.resource}"

    @property
    def has_ended(self) -> bool:
        return self.status in {Status.SUCCEEDED, Status.FAILED}

    @property
    def has_result(self) -> bool:
        """Whether there is a file to download."""
        return self.direction == Direction.EXPORT and self.status == Status.SUCCEEDED

    @property
    def expires_at(self) -> datetime:
        """When the job goes, with its files."""
        return self.created_at + timedelta(hours=settings.EXCHANGE_RETENTION_HOURS)


class ExchangeFault(Record):
    """Something that is wrong with a job.

    ``row`` is 1 for the first below the header, and ``None`` if it is about the whole file;
    ``field`` is the name of a column, or empty.
    """

    job = models.ForeignKey(
        ExchangeJob,
        on_delete=models.CASCADE,
        related_name="faults",
        db_index=False,  # The index below begins with it.
    )
    row = models.PositiveIntegerField(null=True, blank=True)
    field = models.CharField(max_length=100, blank=True)
    code = models.CharField(max_length=100)
    message = models.TextField()

    class Meta:
        ordering = ("row", "id")
        indexes = (models.Index(fields=["job", "row", "id"], name="exchange_fault_by_row"),)

    def __str__(self) -> str:
        return f"{self.row}: {self.code}"
