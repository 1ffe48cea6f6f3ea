"""Has the first key encrypt what another one has encrypted."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db import transaction
from django.db.models import ExpressionWrapper, F, TextField

from core.encryption.fields import EncryptedTextField, ring
from core.encryption.keys import DecryptionError

BATCH_SIZE = 500


@dataclass
class Outcome:
    """What became of the values of one field: how many were encrypted anew or had the first key already.

    ``lost`` has why a value opens with no key, by the key of its row.
    """

    renewed: int = 0
    current: int = 0
    lost: dict[Any, str] = field(default_factory=dict)


def encrypted_fields() -> Iterator[EncryptedTextField]:
    """Return the encrypted fields of all tables, in a fixed order."""
    for model in sorted(
        apps.get_models(include_auto_created=True), key=lambda one: one._meta.label
    ):
        for each in model._meta.local_concrete_fields:
            if isinstance(each, EncryptedTextField):
                yield each


def rotate(encrypted: EncryptedTextField) -> Outcome:
    """Have the first key encrypt all values of a field, and change nothing else of the rows.

    Each batch is a transaction of its own, so after an end in between the next call goes on with what
    is left. Rows are locked meanwhile, where the database has such locks: no other write is lost.
    """
    outcome, last = Outcome(), None
    while (last := _rotate_batch(encrypted, last, outcome)) is not None:
        pass
    return outcome


@transaction.atomic
def _rotate_batch(encrypted: EncryptedTextField, after: Any, outcome: Outcome) -> Any:
    """Do a batch behind the row ``after``, and return the key of its last row: ``None`` if it has none."""
    # Soft deletion hides nothing here. What is written passes neither save nor signals.
    table = encrypted.model._base_manager  # noqa: SLF001 (documented by Django)
    rows = table.select_for_update().filter(**{f"{encrypted.name}__isnull": False}).order_by("pk")
    if after is not None:
        rows = rows.filter(pk__gt=after)
    stored = ExpressionWrapper(F(encrypted.name), output_field=TextField())
    batch = list(rows.values_list("pk", stored)[:BATCH_SIZE])
    opened = []
    for key, value in batch:
        if ring().is_current(value):
            outcome.current += 1
            continue
        try:
            text = ring().decrypt(value, bound_to=encrypted.bound_to)
        except DecryptionError as error:
            outcome.lost[key] = str(error)
        else:
            opened.append(encrypted.model(pk=key, **{encrypted.attname: text}))
    table.bulk_update(opened, [encrypted.name])
    outcome.renewed += len(opened)
    return batch[-1][0] if batch else None
