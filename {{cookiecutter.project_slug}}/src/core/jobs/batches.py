"""Deleting many rows without holding many locks, or one transaction, for long."""

from typing import Any

from django.db.models import QuerySet

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
