"""What was published, and who has handled it."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone

from core.records.models import Record


class OutboxEvent(Record):
    """Something that happened; ``created_by`` caused it.

    ``payload`` holds the fields of the event in JSON's types. ``aggregate`` names the row that it
    is about, ``sequence`` counts the events of that row from 1; both are empty for an event that
    is in no order. ``subscribers`` are those whom the publisher knew: another release may know
    others. It is empty for an event of before it was kept.

    ``published_at`` is when its subscribers were told first, ``handled_at`` when all of them had
    handled it. Until then ``due_at`` is when the relay looks at it next; empty, it was given up.
    ``attempts`` counts how often they were told.
    """

    name = models.CharField(max_length=100)
    version = models.PositiveSmallIntegerField(default=1)
    payload = models.JSONField(encoder=DjangoJSONEncoder)
    aggregate = models.CharField(max_length=150, null=True, blank=True)  # noqa: DJ001 (unique or none)
    sequence = models.PositiveBigIntegerField(null=True, blank=True)
    subscribers = models.JSONField(null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    handled_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True, default=timezone.now)
    attempts = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["aggregate", "sequence"], name="events_outbox_sequence_once"
            ),
        )
        indexes = (
            # The order in which the relay reads: what is handled has no time in it.
            models.Index(fields=["due_at", "id"], name="events_outbox_due"),
            models.Index(fields=["handled_at"], name="events_outbox_handled"),
        )

    def __str__(self) -> str:
        return f"{self.name} {self.pk}"


class InboxEntry(Record):
    """What became of an event at one subscriber.

    ``handled_at`` is written in the transaction of what the handler wrote. Until then the entry
    tells how often the handler failed, and why the last time. An admin may let a subscriber
    skip an event, which then counts as handled.
    """

    event = models.ForeignKey(
        OutboxEvent,
        on_delete=models.CASCADE,
        related_name="entries",
        db_index=False,  # The constraint's index begins with it.
    )
    subscriber = models.CharField(max_length=200)
    handled_at = models.DateTimeField(null=True, blank=True, default=timezone.now)
    is_skipped = models.BooleanField(default=False)
    attempts = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True)

    class Meta:
        verbose_name_plural = "inbox entries"
        constraints = (
            models.UniqueConstraint(fields=["event", "subscriber"], name="events_inbox_once"),
        )

    def __str__(self) -> str:
        return f"{self.subscriber} {self.event_id}"
