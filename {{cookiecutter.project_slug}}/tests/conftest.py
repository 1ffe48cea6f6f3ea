"""Fixtures that every test may use."""

import pytest
from rest_framework.test import APIClient

# Brings `sign_in` and `credential_queries`, for the way that callers sign in to this service.
pytest_plugins = ["tests.authentication.{{ cookiecutter.auth }}"]


@pytest.fixture
def api_client() -> APIClient:
    """Return a client of the API that has not signed in."""
    return APIClient()
