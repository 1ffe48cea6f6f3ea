"""How many statements a write of many rows takes."""

from math import ceil

from django.db import connection


def written(model):
    """Return the fields of an INSERT: those that the database does not compute."""
    fields = model._meta.concrete_fields
    return [field for field in fields if not (field.generated or field.db_returning)]


def more_statements(count, *writes):
    """Return how many statements a database that takes few values at once needs besides the first.

    SQLite takes 999 under Django 5.2. Others take all that a request may bring.

    Args:
        count: how many rows are written.
        writes: the fields of each write.
    """
    rows = [None] * count
    sizes = [connection.ops.bulk_batch_size(fields, rows) for fields in writes]
    return sum(ceil(count / size) - 1 for size in sizes)
