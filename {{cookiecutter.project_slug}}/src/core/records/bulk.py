"""Many rows in one query, stamped and audited as ``save`` does it with one."""

from collections.abc import Collection, Iterable, Sequence
from typing import TypeVar
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Manager, QuerySet
from django.utils import timezone

from core.audit.trail import audit_many, rows_before
from core.identity.actor import current_user_id
from core.records.models import Record

Row = TypeVar("Row", bound=Record)


def lock_rows(queryset: QuerySet[Row], keys: Collection[UUID]) -> dict[UUID, Row]:
    """Return the rows of ``queryset`` with these keys, locked until the transaction ends.

    Everybody who locks several rows locks them in the order of the key, so nobody waits in a
    circle. Their keys stay, so PostgreSQL lets others refer to the rows meanwhile. On SQLite nothing
    is locked: there a transaction that writes has the database for itself.

    Args:
        queryset: of one table: a join would lock the rows of the other one too, in any order.
        keys: of which some may be missing.
    """
    locked = queryset.select_for_update(no_key=connection.features.has_select_for_no_key_update)
    return {row.pk: row for row in locked.filter(pk__in=keys).order_by("pk")}


@transaction.atomic(savepoint=False)
def create_rows(rows: Sequence[Row]) -> None:
    """Insert new rows of one table in one query, and another one if they are audited.

    Give them in the order of what must be unique: two transactions that insert the same values in
    different orders wait for each other.
    """
    actor = current_user_id()
    for row in rows:
        if row.created_by_id is None:
            row.created_by_id = actor
        row.updated_by_id = actor
    if rows:
        _table(rows).bulk_create(rows)
        audit_many((None, row) for row in rows)


@transaction.atomic(savepoint=False)
def update_rows(rows: Sequence[Row], fields: Iterable[str]) -> None:
    """Write ``fields`` of rows of one table in one query; lock them before you read them.

    If they are audited, two more queries read what they were and write the entries.
    """
    actor, now = current_user_id(), timezone.now()
    for row in rows:
        row.updated_by_id, row.updated_at = actor, now
    if rows:
        before = rows_before(rows)
        _table(rows).bulk_update(rows, [*fields, "updated_at", "updated_by"])
        audit_many((before[row.pk], row) for row in rows if row.pk in before)


def _table(rows: Sequence[Row]) -> Manager[Row]:
    return type(rows[0])._default_manager  # noqa: SLF001 (documented by Django)
