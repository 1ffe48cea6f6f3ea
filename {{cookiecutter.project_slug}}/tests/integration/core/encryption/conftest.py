"""The table of ``Note``, whose app is installed for nobody else."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from tests.integration.core.encryption.models import Note
from tests.tables import table_of


@pytest.fixture(scope="module")
def notes(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with table_of(Note, django_db_blocker):
        yield


def stored(name: str = "text") -> list[Any]:
    """Return what the column has, in the order of the rows."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {name} FROM encryption_tests_note ORDER BY id")  # noqa: S608 (a name)
        return [value for (value,) in cursor.fetchall()]
