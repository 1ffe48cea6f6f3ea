"""Optimistic locking: a number that every write raises, so that no writer undoes another unseen."""

from collections.abc import Iterable
from typing import Any, ClassVar, Self, TypeVar

from django.db import models
from django.db.models import F

from core.errors import StaleRecordError
from core.records.models import Record

RecordType = TypeVar("RecordType", bound=models.Model)


class VersionedQuerySet(models.QuerySet[RecordType]):
    """Raises the version of all rows that it updates, ``bulk_update`` included."""

    def update(self, **values: Any) -> int:
        return super().update(**{"version": F("version") + 1} | values)

    update.alters_data = True  # type: ignore[attr-defined]


class VersionedManager(models.Manager[RecordType]):
    """Gives querysets that raise the version."""

    def get_queryset(self) -> models.QuerySet[RecordType]:
        return VersionedQuerySet(self.model, using=self._db)


class VersionedRecord(Record):
    """A record that is written only as it was read.

    The UPDATE of ``save`` asks for the version that was read. Of two writers that read the same
    version one wins, whatever the isolation of their transactions; the other gets a
    ``StaleRecordError``, and a transaction around it must be rolled back.

    What ``QuerySet.update`` and ``bulk_update`` write raises the version too, without asking for
    one: lock the rows, or compute from what they hold. The instances keep the version they had.
    """

    version = models.PositiveIntegerField(default=1, editable=False)

    objects: ClassVar[models.Manager[Self]] = VersionedManager()

    # What save has found and the UPDATE must find; None outside of save.
    _version_read: int | None = None

    class Meta:
        abstract = True

    def save(self, *, update_fields: Iterable[str] | None = None, **options: Any) -> None:
        """Write the row, with the next version.

        Raises:
            StaleRecordError: if the row was written, or removed, since it was read.
        """
        writes_nothing = update_fields is not None and not update_fields
        if self._state.adding or writes_nothing:
            super().save(update_fields=update_fields, **options)
            return
        if update_fields:
            update_fields = {*update_fields, "version"}
        read = self._version_read = self.version
        self.version += 1
        try:
            super().save(update_fields=update_fields, **options)
        except BaseException:
            self.version = read
            raise
        finally:
            self._version_read = None

    def require_version(self, version: int | None) -> None:
        """Refuse to go on unless this is the version that was read; ``None`` takes any.

        For a row that is locked: without a lock, ``save`` itself asks.

        Raises:
            StaleRecordError: for any other version.
        """
        if version is not None and self.version != version:
            raise stale(self)

    # Django's own, and the one place where the UPDATE of save can be narrowed down.
    def _do_update(
        self, base_qs: Any, using: Any, pk_val: Any, values: Any, *arguments: Any
    ) -> Any:
        names = {field.name for field, _model, _value in values}
        if self._version_read is None or "version" not in names:
            return super()._do_update(base_qs, using, pk_val, values, *arguments)
        current = base_qs.filter(version=self._version_read)
        updated = super()._do_update(current, using, pk_val, values, *arguments)
        if not updated:
            raise stale(self)
        return updated


def stale(record: models.Model) -> StaleRecordError:
    """Return the error for a ``record`` that somebody else has written."""
    name = record._meta.verbose_name
    return StaleRecordError(f"The {name} has changed since you read it. Read it again.")
