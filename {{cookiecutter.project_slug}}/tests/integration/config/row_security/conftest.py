"""Requests that do what a test says."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from rest_framework.test import APIClient

from apps.users.models import User
from tests.integration.config.row_security.planted import PlantedView


@pytest.fixture(autouse=True)
def _postgresql() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("DATABASE_URL names no PostgreSQL")


@pytest.fixture
def within(
    settings: Any, sign_in: Callable[[User], APIClient], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Any]:
    """Return a function that does something within a request of a user, and returns what came of it."""
    settings.ROOT_URLCONF = "tests.integration.config.row_security.planted"

    def within(user: User | None, does: Callable[[Any], Any]) -> Any:
        monkeypatch.setattr(PlantedView, "does", staticmethod(does), raising=False)
        client = APIClient() if user is None else sign_in(user)
        assert client.get("/planted/").status_code == 200
        return PlantedView.done.pop()

    return within
