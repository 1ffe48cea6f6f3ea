"""Fixtures that start the processes of the service.

The processes use the database of the tests. They run with the settings of production where the
variables name all servers, and with those of development otherwise.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Generator, Iterator
from importlib import import_module
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from celery import Celery
from django.core.cache import cache
from django.db import connection
from pytest_django import DjangoDbBlocker, Settings

from config.celery import app
from config.environment import problems
from config.settings import base
from config.settings.variables import VARIABLES
from tests.e2e.authentication import Authentication
from tests.e2e.processes import SOURCE_DIR, Launcher, Process, WebServer
from tests.metrics import TOKEN
from tests.production import example

LOG_LENGTH = 20_000
# Of the web server that tests share.
THREADS = 3


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run these tests last: the rows that they leave behind would be in the way of others."""
    items.sort(key=lambda item: Path(__file__).parent in item.path.parents)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show what the processes printed beside the failure of a test."""
    report = yield
    if report.failed:
        for process in Process.running:
            report.sections.append((f"{process.name} printed", process.output[-LOG_LENGTH:]))
    return report


@pytest.fixture(scope="session", autouse=True)
def _end_processes_when_terminated() -> Iterator[None]:
    """Take SIGTERM as Ctrl-C, on which the fixtures below still stop what they have started."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.fixture
def db(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Commit for real, so that the processes see it, where other tests have a transaction.

    Nobody empties the database in between, as nobody does where the service is deployed: a test
    finds what others have left, and goes by what it has made itself.
    """
    with django_db_blocker.unblock():
        yield


@pytest.fixture(autouse=True)
def _shared_state(db: None, settings: Settings) -> None:
    """Hash passwords as the processes do; forget what was counted for the throttles."""
    settings.PASSWORD_HASHERS = base.PASSWORD_HASHERS
    cache.clear()


@pytest.fixture(scope="session")
def authentication(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authentication]:
    """Return how a client signs in to this service."""
    module = import_module("tests.e2e.authentication.{{ cookiecutter.auth }}")
    with module.authentication(tmp_path_factory.mktemp("authentication")) as authentication:
        yield authentication


@pytest.fixture(scope="session")
def service_environment(
    django_db_setup: None,
    authentication: Authentication,
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, str]:
    """Return the variables that the processes are started with."""
    servers = {
        "DATABASE_URL": database_url(),
        "CACHE_URL": os.environ.get("CACHE_URL") or "locmemcache://",
        "CELERY_BROKER_URL": os.environ.get("CELERY_BROKER_URL", ""),
        "EMAIL_URL": "consolemail://",
        "MEDIA_ROOT": str(tmp_path_factory.mktemp("media")),
        **authentication.variables,
    }
    production = example() | servers
    if not problems(production, VARIABLES):
        collect_static_files(production)
        return production
    # Empty, so that no .env says otherwise.
    development = dict.fromkeys([variable.name for variable in VARIABLES], "") | servers
    development["DJANGO_SETTINGS_MODULE"] = "config.settings.development"
    return development | {"ALLOWED_HOSTS": "localhost"}


def collect_static_files(environment: dict[str, str]) -> None:
    """Do what the build of the image does: production knows no other static files."""
    subprocess.run(
        [sys.executable, str(SOURCE_DIR / "manage.py"), "collectstatic", "--no-input"],
        env={**os.environ, **environment},
        check=True,
        stdout=subprocess.DEVNULL,
    )


def database_url() -> str:
    """Return the address of the database that the tests made."""
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()


@pytest.fixture(scope="session")
def shared_launcher(
    service_environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Launcher]:
    with Launcher(service_environment, tmp_path_factory.mktemp("processes")) as launcher:
        yield launcher


@pytest.fixture
def launcher(service_environment: dict[str, str], tmp_path: Path) -> Iterator[Launcher]:
    """Start processes of the test's own; they must stop cleanly at its end."""
    with Launcher(service_environment, tmp_path) as launcher:
        yield launcher


@pytest.fixture(scope="session", params=["wsgi", "asgi"])
def web(request: pytest.FixtureRequest, shared_launcher: Launcher) -> Iterator[WebServer]:
    """Return a server that all tests share, once for each interface."""
    variables = {
        "SERVER_INTERFACE": request.param,
        "WEB_CONCURRENCY": "1",
        "WEB_THREADS": str(THREADS),
        "METRICS_TOKEN": TOKEN,
        # % if cookiecutter.database == "postgresql"
        # The name under which the database lists its connections.
        "PGAPPNAME": f"e2e-{request.param}",
        # % endif
    }
    server = shared_launcher.web(**variables)
    yield server
    server.stop()


@pytest.fixture
def broker() -> Iterator[Celery]:
    """Return Celery's app, sending through the broker, in which no message waits."""
    if not os.environ.get("CELERY_BROKER_URL"):
        pytest.skip("CELERY_BROKER_URL names no broker")
    app.conf.task_always_eager = False
    with app.connection_for_write() as connection:
        for queue in app.amqp.queues.values():
            bound = queue(connection.default_channel)
            bound.declare()
            bound.purge()
    yield app
    app.conf.task_always_eager = True


@pytest.fixture
def worker(broker: Celery, shared_launcher: Launcher) -> Process:
    """Return a worker of all three queues, which tests share: a new one if a test killed it."""
    for process in Process.running:
        if process.name == "worker":
            return process
    return shared_launcher.worker()


@pytest.fixture
def launcher_alone(broker: Celery, launcher: Launcher) -> Launcher:
    """Start workers of the test's own, and see that there is no other."""
    for process in list(Process.running):
        if process.name == "worker":
            process.stop()
    return launcher


@pytest.fixture
def tasks_run(request: pytest.FixtureRequest) -> None:
    """See that tasks run: in a worker, or without a broker in the process that sends them."""
    if os.environ.get("CELERY_BROKER_URL"):
        request.getfixturevalue("worker")
