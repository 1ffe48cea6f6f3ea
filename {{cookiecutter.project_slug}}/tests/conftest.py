"""Fixtures that every test may use."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.test import TransactionTestCase
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from pytest_django import Settings
from rest_framework.test import APIClient

from tests.restoring import Restorer

# Neither the speed of the machine nor chance decides whether a test passes.
# https://hypothesis.readthedocs.io/en/latest/reference/api.html#hypothesis.settings.register_profile
hypothesis_settings.register_profile(
    "steady", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("steady")

# Brings `sign_in` and `credential_queries`, for the way that callers sign in to this service.
pytest_plugins = [
    "tests.authentication.{{ cookiecutter.auth }}",
    # % if cookiecutter.row_level_security
    # Has the tests connect as a role for which policies hold.
    "tests.database_role",
    # % endif
]


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Have tests that write for good put back what the migrations wrote."""
    with django_db_blocker.unblock():
        restorer = Restorer()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _: restorer.restore())
        yield


@pytest.fixture
def api_client() -> APIClient:
    """Return a client of the API that has not signed in."""
    return APIClient()


@pytest.fixture
def two_tries(settings: Settings) -> Iterator[None]:
    """Lock out whoever has two wrong passwords; nobody is locked out in the tests that follow."""
    settings.AXES_FAILURE_LIMIT = 2
    cache.clear()
    yield
    cache.clear()
