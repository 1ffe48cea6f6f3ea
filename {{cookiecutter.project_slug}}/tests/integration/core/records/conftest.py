"""A table for tests, because no app needs to have a deletable record."""

from collections.abc import Iterator

import pytest
from django.db import connection

from tests.integration.core.records.models import Page


@pytest.fixture(scope="module")
def pages(django_db_setup: None, django_db_blocker: pytest.fixture) -> Iterator[None]:
    """Make the table of ``Page``, and drop it after the tests of the module.

    Not for tests with transactions of their own: flushing the database does not know of it.
    """
    with django_db_blocker.unblock():
        with connection.schema_editor() as editor:
            editor.create_model(Page)
        connection.close()
        yield
        with connection.schema_editor() as editor:
            editor.delete_model(Page)
        connection.close()
