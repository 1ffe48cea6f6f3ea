"""The base of every table that the service owns."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db import models, transaction

from core.identity.actor import current_user_id
from core.records.keys import uuid7


def user_stamp() -> "models.ForeignKey[Any, Any]":
    """Return a field for the user who did something; empty for what the service itself did."""
    return models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )


class Record(models.Model):
    """A row with a UUIDv7 key and stamps of when it was made and changed, and by whom.

    ``created_by`` and ``updated_by`` are empty for what the service itself did. Bulk operations of
    the ORM call no ``save``: ``core.records.bulk`` stamps and audits what they write.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    created_by = user_stamp()
    updated_by = user_stamp()

    class Meta:
        abstract = True

    def save(self, *, update_fields: Iterable[str] | None = None, **options: Any) -> None:
        actor = current_user_id()
        if self._state.adding and self.created_by_id is None:
            self.created_by_id = actor
        self.updated_by_id = actor
        if update_fields:  # An empty one makes Django save nothing.
            update_fields = {*update_fields, "updated_at", "updated_by"}
        # With what receivers write for it, such as the entry in the audit trail.
        with transaction.atomic(using=options.get("using"), savepoint=False):
            super().save(update_fields=update_fields, **options)
