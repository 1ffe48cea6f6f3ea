"""The entries of bulk writes, those of one row, and the end of old ones."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any, TypeVar

from auditlog.diff import model_instance_diff
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import QuerySet
from django.utils import timezone

from core.audit.models import AuditEntry
from core.audit.registry import is_audited
from core.jobs.batches import delete_in_batches

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


def purge() -> None:
    """Delete the entries that are older than ``AUDIT_RETENTION_DAYS``, a batch at a time."""
    retention = timedelta(days=settings.AUDIT_RETENTION_DAYS)
    old: QuerySet[AuditEntry] = AuditEntry.objects.filter(timestamp__lt=timezone.now() - retention)
    delete_in_batches(old.order_by("timestamp"))


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
