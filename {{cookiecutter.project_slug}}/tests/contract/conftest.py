"""The service that is called: gunicorn, with all that end-to-end tests have."""

from tests.e2e.conftest import (
    _end_processes_when_terminated,
    _shared_state,
    authentication,
    db,
    pytest_runtest_makereport,
    service_environment,
    shared_launcher,
)

__all__ = [
    "_end_processes_when_terminated",
    "_shared_state",
    "authentication",
    "db",
    "pytest_runtest_makereport",
    "service_environment",
    "shared_launcher",
]
