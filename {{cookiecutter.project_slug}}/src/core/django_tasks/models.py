"""What was enqueued, and what became of it."""

from django.db import models
from django.tasks import TaskResultStatus

from core.records.keys import uuid7


class EnqueuedTask(models.Model):
    """A call of a task: what ``django.tasks.TaskResult`` shows, and what it takes to send it again.

    ``path`` leads to the task, such as ``apps.users.work.report``. ``headers`` name who enqueued it
    and for which request. ``sent_at`` is empty until the broker has a message. Each attempt adds the
    worker's name to ``worker_ids``, and to ``errors`` if it failed. No ``Record``: only the backend
    writes it.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    path = models.CharField(max_length=500)
    backend = models.CharField(max_length=100)
    queue_name = models.CharField(max_length=100)
    priority = models.SmallIntegerField()
    run_after = models.DateTimeField(null=True)
    args = models.JSONField()
    kwargs = models.JSONField()
    headers = models.JSONField()
    status = models.CharField(
        max_length=10, choices=TaskResultStatus.choices, default=TaskResultStatus.READY
    )
    enqueued_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    last_attempted_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True, db_index=True)
    return_value = models.JSONField(null=True)
    errors = models.JSONField(default=list)
    worker_ids = models.JSONField(default=list)

    class Meta:
        indexes = (models.Index(fields=["status", "sent_at"], name="django_task_unsent"),)

    def __str__(self) -> str:
        return f"{self.path} {self.pk}"
