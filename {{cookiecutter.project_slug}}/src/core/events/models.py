"""What was published, and who has handled it."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from core.records.models import Record


class OutboxEvent(Record):
    """Something that happened; ``created_by`` caused it.

    ``payload`` is JSON: handlers find dates, decimals and keys as text. ``published_at`` is when
    its subscribers were told, ``None`` while they were not.
    """

    name = models.CharField(max_length=100)
    payload = models.JSONField(encoder=DjangoJSONEncoder)
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        # The order in which the relay reads.
        indexes = (models.Index(fields=["published_at", "id"], name="events_outbox_order"),)

    def __str__(self) -> str:
        return f"{self.name} {self.pk}"


class InboxEntry(Record):
    """A subscriber has handled an event: written in the transaction of what the handler wrote."""

    event = models.ForeignKey(
        OutboxEvent,
        on_delete=models.CASCADE,
        related_name="entries",
        db_index=False,  # The constraint's index begins with it.
    )
    subscriber = models.CharField(max_length=200)

    class Meta:
        verbose_name_plural = "inbox entries"
        constraints = (
            models.UniqueConstraint(fields=["event", "subscriber"], name="events_inbox_once"),
        )

    def __str__(self) -> str:
        return f"{self.subscriber} {self.event_id}"
