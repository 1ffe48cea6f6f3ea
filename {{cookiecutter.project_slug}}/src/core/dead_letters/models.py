"""What is kept of a message, and how often one came back."""

from django.db import models

from core.records.models import Record, user_stamp


class Reason(models.TextChoices):
    """Why nobody will do a task any more."""

    FAILED = "failed", "failed"
    REJECTED = "rejected", "was rejected"
    TIMED_OUT = "timed_out", "took longer than its hard time limit"
    POISONED = "poisoned", "ended its workers"
    UNKNOWN = "unknown", "no such task"
    UNREADABLE = "unreadable", "could not be read"
    RETURNED = "returned", "was dead-lettered by the broker"


class DeadLetter(Record):
    """The message of a task that ended badly.

    ``key`` names the death, so that one that is told twice is one row. ``args``, ``kwargs`` and
    ``headers`` are JSON as text: JSON columns would refuse or change some of what messages hold.
    ``body`` is what could not be read, empty otherwise. ``retries`` counts the tries that failed
    and were followed by another, ``deliveries`` how often the last of them was begun.
    ``resent_at`` is when it was sent again, and ``resent_by`` by whom: empty for a command.
    ``former`` is the letter of which this is another try.
    """

    key = models.CharField(max_length=255, unique=True, editable=False)
    task = models.CharField(max_length=255, blank=True)
    task_id = models.CharField(max_length=255, blank=True)
    root_id = models.CharField(max_length=255, blank=True)
    queue = models.CharField(max_length=100, blank=True)
    args = models.TextField(default="[]")
    kwargs = models.TextField(default="{}")
    headers = models.TextField(default="{}")
    body = models.TextField(blank=True)
    reason = models.CharField(max_length=20, choices=Reason.choices)
    error = models.CharField(max_length=255, blank=True)
    message = models.TextField(blank=True)
    trace = models.TextField(blank=True)
    retries = models.PositiveIntegerField(default=0)
    deliveries = models.PositiveIntegerField(default=1)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    resent_at = models.DateTimeField(null=True, blank=True)
    resent_by = user_stamp()
    former = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="later"
    )

    class Meta:
        ordering = ("-last_at", "-id")
        permissions = (("send_deadletter", "Can send dead letters again"),)
        indexes = (
            models.Index(fields=["-last_at", "-id"], name="dead_letters_newest"),
            # What is open, by task.
            models.Index(fields=["resent_at", "task", "reason"], name="dead_letters_open"),
        )

    def __str__(self) -> str:
        return f"{self.task or '?'} {self.task_id}"

    @property
    def is_readable(self) -> bool:
        """Whether it can be sent again."""
        return bool(self.task) and not self.body


class Redelivery(models.Model):
    """How often a message was begun again that nobody had ended. Gone when somebody has."""

    task_id = models.CharField(primary_key=True, max_length=255)
    count = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "redeliveries"

    def __str__(self) -> str:
        return f"{self.task_id} {self.count}"
