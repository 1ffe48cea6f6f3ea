"""Soft deletion: deleted rows are hidden, and can be restored."""

from collections.abc import Mapping
from copy import copy
from typing import Any, ClassVar, Self, TypeVar

from django.db import models, transaction
from django.db.models import Case, Value, When
from django.utils import timezone

from core.audit.registry import is_audited
from core.audit.trail import audit_many
from core.identity.actor import current_user_id
from core.records.models import user_stamp
from core.records.versions import VersionedQuerySet, VersionedRecord

RecordType = TypeVar("RecordType", bound=models.Model)


class DeletableQuerySet(VersionedQuerySet[RecordType]):
    """Deletes by hiding."""

    def delete(self) -> tuple[int, dict[str, int]]:
        """Hide the rows that are not hidden yet, in one query that sends no signals.

        If they are audited, two more queries read and lock them, and write the entries.
        """
        now, actor = timezone.now(), current_user_id()
        hidden = {
            "deleted_at": now,
            "deleted_by_id": actor,
            "updated_at": now,
            "updated_by_id": actor,
        }
        living = self.filter(deleted_at=None)
        with transaction.atomic(using=self.db, savepoint=False):
            if is_audited(self.model):
                rows = list(living.select_for_update().order_by("pk"))
                living = living.filter(pk__in=[row.pk for row in rows])
                audit_many((row, _changed(row, hidden)) for row in rows)
            count = living.update(**hidden)
        return count, {self.model._meta.label: count}

    delete.alters_data = True  # type: ignore[attr-defined]
    delete.queryset_only = True  # type: ignore[attr-defined]

    def hard_delete(self) -> tuple[int, dict[str, int]]:
        """Remove the rows for good, and what hangs on them, as Django's ``delete`` does."""
        return super().delete()

    hard_delete.alters_data = True  # type: ignore[attr-defined]
    hard_delete.queryset_only = True  # type: ignore[attr-defined]


class AllManager(models.Manager[RecordType]):
    """Finds every row, deleted ones too."""

    def get_queryset(self) -> DeletableQuerySet[RecordType]:
        return DeletableQuerySet(self.model, using=self._db)


class LivingManager(AllManager[RecordType]):
    """Finds the rows that are not deleted."""

    def get_queryset(self) -> DeletableQuerySet[RecordType]:
        return super().get_queryset().filter(deleted_at=None)


class DeletableRecord(VersionedRecord):
    """A record that ``delete`` hides and ``restore`` brings back.

    ``objects`` and related managers, and with them lists, lookups and forms, find the living rows
    only; ``all_objects`` finds every row. A foreign key leads to its row though that is deleted:
    what was sold is still shown. A join, as in ``filter(product__sku=...)``, asks for no manager.

    What must be unique among the living is a constraint with ``alive``, which holds NULL for
    deleted rows: NULL equals nothing, on every database. ::

        UniqueConstraint(fields=["sku", "alive"], name="orders_product_sku_once")

    Where a table that exists gets both, ``makemigrations`` adds the constraint before the field: put
    it after the field by hand.

    https://docs.djangoproject.com/en/stable/topics/db/managers/#default-managers
    """

    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)
    deleted_by = user_stamp()
    # For constraints only. Python asks deleted_at: not every database tells what it has computed.
    alive = models.GeneratedField(
        expression=Case(When(deleted_at=None, then=Value(1))),
        output_field=models.PositiveSmallIntegerField(null=True),
        db_persist=True,
    )

    objects: ClassVar[LivingManager[Self]] = LivingManager()
    all_objects: ClassVar[AllManager[Self]] = AllManager()

    class Meta:
        abstract = True

    def delete(self, using: Any = None, keep_parents: bool = False) -> tuple[int, dict[str, int]]:  # noqa: ARG002, FBT001, FBT002 (as Django calls it)
        """Hide the row. One that is hidden already stays as it is.

        Raises:
            StaleRecordError: if the row was written since it was read.
        """
        if self.deleted_at is not None:
            return 0, {self._meta.label: 0}
        self.deleted_at = timezone.now()
        self.deleted_by_id = current_user_id()
        self.save(using=using, update_fields=["deleted_at", "deleted_by"])
        return 1, {self._meta.label: 1}

    def restore(self) -> None:
        """Bring the row back.

        Raises:
            StaleRecordError: if the row was written since it was read.
            IntegrityError: if a living row has what must be unique.
        """
        self.deleted_at = None
        self.deleted_by = None
        self.save(update_fields=["deleted_at", "deleted_by"])

    def hard_delete(self) -> tuple[int, dict[str, int]]:
        """Remove the row for good, and what hangs on it, as Django's ``delete`` does."""
        return super().delete()

    def validate_constraints(self, exclude: Any = None) -> None:
        """Check the constraints for a form, too.

        No form shows ``deleted_at``, and Django skips every constraint that needs a field which the
        form does not show.
        """
        super().validate_constraints(exclude=set(exclude or ()) - {"deleted_at", "alive"})


def _changed(row: RecordType, fields: Mapping[str, Any]) -> RecordType:
    changed = copy(row)
    for name, value in fields.items():
        setattr(changed, name, value)
    return changed
