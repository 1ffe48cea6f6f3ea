"""Many rows, without holding many locks, or one transaction, for long."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

BATCH_SIZE = 1_000


def delete_in_batches(rows: QuerySet[Any, Any]) -> int:
    """Delete ``rows``, a batch at a time, and return how many there were.

    Each batch asks again which rows they are: one may have come into use since it was read.
    """
    count = 0
    while keys := list(rows.values_list("pk", flat=True)[:BATCH_SIZE]):
        rows.filter(pk__in=keys).delete()
        count += len(keys)
    return count


def take_unchanged(rows: QuerySet[Any, Any], *, since: timedelta) -> Iterator[UUID]:
    """Yield the keys of ``rows`` that nobody has written for so long, the oldest first.

    Each goes to one of those who ask at once, and to nobody else for as long again: its ``updated_at``
    is now.
    """
    unchanged = rows.filter(updated_at__lt=timezone.now() - since)
    for key in unchanged.order_by("pk").values_list("pk", flat=True):
        if unchanged.filter(pk=key).update(updated_at=timezone.now()):
            yield key
