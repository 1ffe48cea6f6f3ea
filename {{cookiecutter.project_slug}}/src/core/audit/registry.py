"""Which tables are audited, and what of them."""

from collections.abc import Callable, Collection
from typing import TypeVar

from auditlog.registry import auditlog
from django.db import models

from core.encryption.fields import EncryptedTextField

Model = TypeVar("Model", bound=models.Model)

# What every write changes, or what an entry says anyway.
STAMPS = frozenset(
    {"alive", "created_at", "created_by", "deleted_by", "updated_at", "updated_by", "version"}
)
MASK = "***"


def audited(
    *,
    ignored: Collection[str] = (),
    masked: Collection[str] = (),
    many_to_many: Collection[str] = (),
) -> Callable[[type[Model]], type[Model]]:
    """Return a decorator of a model each write of which leaves an entry in the audit trail.

    An entry costs two queries of a change, one of a creation or a deletion. It is written in the
    transaction of the change. ``save``, ``delete`` and ``core.records.bulk`` see to that;
    ``QuerySet.update`` and the bulk operations of the ORM leave no entry, so they are for what is
    ignored.

    Args:
        ignored: fields that leave no entry, besides the stamps that every write changes.
        masked: secrets: an entry says that they changed, and nothing of what they are. So it does of
            what is encrypted, which need not be named.
        many_to_many: relations to audit. Change them with ``set``, or with what is not there yet
            or is: ``remove`` notes what it is given, ``clear`` whatever there is to relate to.

    https://django-auditlog.readthedocs.io/en/latest/usage.html
    """

    def register(model: type[Model]) -> type[Model]:
        fields = {field.name for field in model._meta.concrete_fields}
        encrypted = {
            field.name
            for field in model._meta.concrete_fields
            if isinstance(field, EncryptedTextField)
        }
        auditlog.register(
            model,
            # Named one by one: else the library follows the relations of other tables, too.
            include_fields=sorted(fields - STAMPS - set(ignored)),
            mask_fields=sorted(encrypted | set(masked)),
            m2m_fields=set(many_to_many),
        )
        return model

    return register


def is_audited(model: type[models.Model]) -> bool:
    """Tell whether writes of ``model`` leave entries."""
    known: bool = auditlog.contains(model)
    return known


def mask(_: str) -> str:
    """Return what stands for a secret. The library itself would keep the second half of it."""
    return MASK
