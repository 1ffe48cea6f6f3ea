"""The entries."""

from typing import Any

from auditlog.models import AbstractLogEntry
from django.conf import settings
from django.db import models

from core.identity.actor import current_user_id
from core.identity.origin import current_origin


class AuditEntry(AbstractLogEntry):  # type: ignore[misc]  # It has no types.
    """A write of a row: what it was, what it became, by whom, for which request, from where.

    ``changes`` has for each field that changed what it held before and after, ``cid`` the id of the
    request, ``remote_addr`` the caller's address. ``actor`` is empty for the service itself.

    An entry outlives what it tells of: neither the row nor the actor has to be there any more.

    https://django-auditlog.readthedocs.io/en/latest/usage.html#logentry-model
    """

    # Not indexed alone, as the library has it: the index below is the one that is asked.
    object_pk = models.CharField(max_length=255)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        null=True,
        related_name="+",
    )

    class Meta:
        verbose_name = "audit entry"
        verbose_name_plural = "audit entries"
        ordering = ("-id",)
        indexes = (models.Index(fields=["content_type", "object_pk", "-id"], name="audit_of_row"),)

    def save(self, **options: Any) -> None:
        self.stamp()
        super().save(**options)

    def stamp(self) -> None:
        """Write who acts, for which request, from where. An entry is written once.

        The library's own middleware would ask before a view has read the caller's token.
        """
        origin = current_origin()
        self.actor_id = current_user_id()
        self.cid = origin.request_id or None
        self.remote_addr = origin.remote_address
