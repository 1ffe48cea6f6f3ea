"""Tables of models that only tests have."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.db.models import Model


@contextmanager
def table_of(model: type[Model], blocker: Any) -> Iterator[None]:
    """Make the table of ``model``, and drop it at the end of the block.

    Not for tests with transactions of their own: flushing the database does not know of it.

    Args:
        blocker: ``django_db_blocker`` of pytest-django.
    """
    with blocker.unblock():
        with connection.schema_editor() as editor:
            editor.create_model(model)
        connection.close()
        yield
        with connection.schema_editor() as editor:
            editor.delete_model(model)
        connection.close()
