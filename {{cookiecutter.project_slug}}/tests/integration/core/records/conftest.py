"""A table for tests, because no app needs to have a deletable record."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.integration.core.records.models import Page
from tests.tables import table_of


@pytest.fixture(scope="module")
def pages(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with table_of(Page, django_db_blocker):
        yield
