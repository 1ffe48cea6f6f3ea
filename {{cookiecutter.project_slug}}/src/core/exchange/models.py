"""The jobs: what was asked for, how far it is, what came of it."""

import secrets

from django.db import models

from core.records.models import Record


class Direction(models.TextChoices):
    IMPORT = "import"
    EXPORT = "export"


class Format(models.TextChoices):
    CSV = "csv"
    XLSX = "xlsx"


class Status(models.TextChoices):
    PENDING = "pending"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


def stored_name(job: "ExchangeJob", _name: str) -> str:
    """Return a path in the storage that holds nothing a client sent, and that nobody guesses."""
    return f"exchange/{secrets.token_hex(32)}.{job.format}"


class ExchangeJob(Record):
    """An import or an export; it belongs to ``created_by``.

    ``file`` is what was uploaded, or the result. ``errors`` say why a job failed: ``row`` (1 is
    the first below the header), ``field`` (both may be ``None``) and ``message``.
    """

    direction = models.CharField(max_length=6, choices=Direction)
    resource = models.CharField(max_length=100)
    format = models.CharField(max_length=4, choices=Format)
    status = models.CharField(max_length=9, choices=Status, default=Status.PENDING)
    file = models.FileField(upload_to=stored_name, blank=True)
    rows_total = models.PositiveIntegerField(null=True, blank=True)
    rows_done = models.PositiveIntegerField(default=0)
    errors = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.direction} of {self.resource}"

    @property
    def has_ended(self) -> bool:
        return self.status in {Status.SUCCEEDED, Status.FAILED}

    @property
    def has_result(self) -> bool:
        """Whether there is a file to download."""
        return self.direction == Direction.EXPORT and self.status == Status.SUCCEEDED
