"""What the drills have in common: processes of the service, and effects that are counted."""

import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from django.db import connection

from config.celery import app
from tests.drills.servers import Server
from tests.drills.table import Drill
from tests.e2e.conftest import (
    _end_processes_when_terminated,
    _shared_state,
    authentication,
    db,
    pytest_runtest_makereport,
    service_environment,
)
from tests.e2e.processes import Launcher, Process

__all__ = [
    "_end_processes_when_terminated",
    "_shared_state",
    "authentication",
    "db",
    "pytest_runtest_makereport",
    "service_environment",
]

TIMES = int(os.environ.get("TIMES") or 1)
# Tasks; of orders, which take more, half as many are placed.
OPERATIONS = int(os.environ.get("OPERATIONS") or 1000)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Repeat each drill TIMES times."""
    metafunc.fixturenames.append("repetition")
    metafunc.parametrize("repetition", range(1, TIMES + 1))


class Fleet:
    """The processes of a drill, those that were killed included."""

    def __init__(self, launcher: Launcher) -> None:
        self.launcher = launcher
        self.processes: list[Process] = []

    def worker(self) -> Process:
        """Start a worker with two children."""
        worker = self.launcher.worker("--include", "tests.e2e.tasks,tests.drills.tasks")
        self.processes.append(worker)
        return worker

    @property
    def output(self) -> str:
        """All that was printed."""
        return "".join(process.output for process in self.processes)


@pytest.fixture
def launcher(service_environment: dict[str, str], tmp_path: Path) -> Iterator[Launcher]:
    """Start processes with the settings of drills; those that live must stop cleanly at its end."""
    environment = service_environment | {"DJANGO_SETTINGS_MODULE": "tests.drills.settings"}
    with Launcher(environment, tmp_path) as launcher:
        yield launcher


@pytest.fixture
def fleet(launcher: Launcher) -> Iterator[Fleet]:
    """Return no process yet; what the drill sends goes to the broker."""
    app.conf.task_always_eager = False
    yield Fleet(launcher)
    app.conf.task_always_eager = True


@pytest.fixture
def cut(database: Server) -> Callable[[], None]:
    """Return what cuts all connections to the database but the drill's own."""
    with connection.cursor() as cursor:
        # % if cookiecutter.database == "postgresql"
        cursor.execute("SELECT pg_backend_pid()")
        # % else
        cursor.execute("SELECT CONNECTION_ID()")
        # % endif
        own = int(cursor.fetchone()[0])
    return partial(database.cut, spare=own)


class Effects:
    """The table that ``tests.drills.tasks.leave_effect`` writes into."""

    def counted(self) -> Counter[int]:
        """Return how often each number was written."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT number FROM drill_effects")
            return Counter(number for (number,) in cursor.fetchall())

    def drill(self, fault: str, *, tasks: int, began: float) -> Drill:
        """Return what has become of ``tasks`` tasks, for a fault that ended at ``began``."""
        seconds = time.monotonic() - began
        counted = self.counted()
        return Drill(
            fault=fault,
            operations=tasks,
            lost=tasks - len(counted),
            doubled=sum(counted.values()) - len(counted),
            seconds=seconds,
        )


@pytest.fixture
def effects() -> Iterator[Effects]:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE drill_done (number integer PRIMARY KEY)")
        cursor.execute("CREATE TABLE drill_effects (number integer NOT NULL)")
    yield Effects()
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE drill_done")
        cursor.execute("DROP TABLE drill_effects")
