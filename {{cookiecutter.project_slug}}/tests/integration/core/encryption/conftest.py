"""The table of ``Note``, whose app is installed for nobody else."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from tests.integration.core.encryption.models import Note


@pytest.fixture(scope="module")
def notes(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Make the table, and drop it after the tests of the module, which have no transactions of their own."""
    with django_db_blocker.unblock():
        with connection.schema_editor() as editor:
            editor.create_model(Note)
        connection.close()
        yield
        with connection.schema_editor() as editor:
            editor.delete_model(Note)
        connection.close()


def stored(name: str = "text") -> list[Any]:
    """Return what the column has, in the order of the rows."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {name} FROM encryption_tests_note ORDER BY id")  # noqa: S608 (a name)
        return [value for (value,) in cursor.fetchall()]
