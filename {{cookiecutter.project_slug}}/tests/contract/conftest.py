"""The service that is called: gunicorn, with all that end-to-end tests have."""

import pytest
from django.core.cache import cache
from pytest_django import Settings

from apps.users.models import User
from tests.e2e.authentication import Authentication
from tests.e2e.conftest import (
    _end_processes_when_terminated,
    authentication,
    db,
    pytest_runtest_makereport,
    service_environment,
    shared_launcher,
)
from tests.e2e.http import Client
from tests.e2e.processes import Launcher, WebServer
from tests.factories.users import AdminFactory

__all__ = [
    "_end_processes_when_terminated",
    "authentication",
    "db",
    "pytest_runtest_makereport",
    "service_environment",
    "shared_launcher",
]


@pytest.fixture(scope="session")
def web(shared_launcher: Launcher) -> WebServer:
    """Return a server that counts no requests: every one of them must get an answer of its own."""
    return shared_launcher.web(
        DJANGO_SETTINGS_MODULE="tests.contract.settings", WEB_CONCURRENCY="1"
    )


@pytest.fixture(autouse=True)
def _shared_state(db: None, service_environment: dict[str, str], settings: Settings) -> None:
    """Store files where the server looks for them; forget what was counted for the throttles."""
    settings.MEDIA_ROOT = service_environment["MEDIA_ROOT"]
    cache.clear()


@pytest.fixture
def admin() -> User:
    """Return who may do everything that the API offers."""
    return AdminFactory()


@pytest.fixture
def client(web: WebServer, authentication: Authentication, admin: User) -> Client:
    """Return a client that has signed in as the admin."""
    client = web.client()
    authentication.sign_in(client, admin)
    return client
