"""The tasks that somebody may ask about."""

from django.db import models

from core.records.versions import VersionedRecord


class Status(models.TextChoices):
    """Where background work stands. Between two tries it is running."""

    PENDING = "pending"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class TaskRun(VersionedRecord):
    """A task that was sent; its key is the task's id. It belongs to ``created_by``, who caused it.

    ``name`` is what clients know the task by. ``done`` of ``total`` is how far it was when it ended;
    while it runs ``core.progress.counts`` knows. ``code`` says why it failed, and is empty otherwise.
    """

    name = models.CharField(max_length=100)
    status = models.CharField(max_length=9, choices=Status, default=Status.PENDING)
    done = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(null=True)
    code = models.CharField(max_length=100, blank=True)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (models.Index(fields=["created_at"], name="progress_run_created_at"),)

    def __str__(self) -> str:
        return f"{self.name} {self.pk}"

    @property
    def has_ended(self) -> bool:
        return self.status in {Status.SUCCEEDED, Status.FAILED}
