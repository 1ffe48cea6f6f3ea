"""The entries of bulk writes, those of one row, what they forget, and the end of old ones."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID

from auditlog.diff import model_instance_diff
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import F, QuerySet
from django.utils import timezone

from core.audit.models import AuditEntry
from core.audit.registry import MASK, is_audited
from core.jobs.batches import delete_in_batches
from core.personal import personal_fields

Row = TypeVar("Row", bound=models.Model)


def rows_before(rows: Sequence[Row]) -> dict[Any, Row]:
    """Return rows of one table by key as the database has them: none if they are not audited."""
    if not rows or not is_audited(type(rows[0])):
        return {}
    stored = type(rows[0])._base_manager  # noqa: SLF001 (documented by Django)
    return {row.pk: row for row in stored.filter(pk__in=[row.pk for row in rows])}


def audit_many(changes: Iterable[tuple[models.Model | None, models.Model]]) -> None:
    """Write the entries of rows that were written in bulk, with one query.

    Call it in the transaction of the write. Rows that are not audited leave none, nor do those that
    are the same before and after.

    Args:
        changes: each row as it was and as it is: ``(None, row)`` for one that was created.
    """
    entries = [entry for before, row in changes if (entry := _entry(before, row))]
    AuditEntry.objects.bulk_create(entries)


def entries_of(model: type[models.Model], key: object) -> QuerySet[AuditEntry]:
    """Return what happened to the row of ``model`` that has or had this key."""
    content_type = ContentType.objects.get_for_model(model)
    entries: QuerySet[AuditEntry] = AuditEntry.objects.filter(
        content_type=content_type, object_pk=str(key)
    )
    return entries


def forget_values(model: type[models.Model], keys: Iterable[object]) -> None:
    """Mask what entries hold of the personal fields of rows, and name the rows by their keys.

    That these fields changed, when, and by whom, they still tell. So does the history of the admin.
    """
    content_type, names = ContentType.objects.get_for_model(model), [str(key) for key in keys]
    fields = personal_fields(model)
    entries = list(AuditEntry.objects.filter(content_type=content_type, object_pk__in=names))
    for entry in entries:
        entry.object_repr = entry.object_pk
        entry.changes = {
            field: [MASK, MASK] if field in fields else change
            for field, change in (entry.changes or {}).items()
        }
    AuditEntry.objects.bulk_update(entries, ["object_repr", "changes"], batch_size=500)
    shown = LogEntry.objects.filter(content_type=content_type, object_id__in=names)
    shown.update(object_repr=F("object_id"))


def delete_and_forget(rows: QuerySet[Any]) -> None:
    """Delete rows, and mask what entries hold of them, those of the deletion too."""
    keys = list(rows.values_list("pk", flat=True))
    rows.delete()
    forget_values(rows.model, keys)


def forget_actor(user_id: UUID) -> None:
    """Forget from where a user did what the entries tell of."""
    AuditEntry.objects.filter(actor=user_id).update(remote_addr=None)


def purge() -> None:
    """Delete the entries that are older than ``AUDIT_RETENTION_DAYS``, a batch at a time.

    And those of the admin, which has a history of its own.
    """
    before = timezone.now() - timedelta(days=settings.AUDIT_RETENTION_DAYS)
    old: QuerySet[AuditEntry] = AuditEntry.objects.filter(timestamp__lt=before)
    delete_in_batches(old.order_by("timestamp"))
    delete_in_batches(LogEntry.objects.filter(action_time__lt=before))


def _entry(before: models.Model | None, row: models.Model) -> AuditEntry | None:
    if not is_audited(type(row)):
        return None
    changes: dict[str, Any] | None = model_instance_diff(
        before, row, use_json_for_changes=settings.AUDITLOG_STORE_JSON_CHANGES
    )
    if not changes:
        return None
    action = AuditEntry.Action.CREATE if before is None else AuditEntry.Action.UPDATE
    entry = AuditEntry(
        content_type=ContentType.objects.get_for_model(row),
        object_pk=str(row.pk),
        object_repr=str(row),
        action=action,
        changes=changes,
    )
    entry.stamp()
    return entry
