"""Start the servers, run the drills, print the table: ``python -m tests.drills [pytest options]``."""

import os
import sys
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

import pytest

from tests.drills import servers
from tests.drills.table import Table

FOLDER = Path(__file__).parent

S = TypeVar("S", bound=servers.Server)


class Servers:
    """Gives the drills the servers that they may do harm to."""

    def __init__(self, database: servers.Server, broker: servers.Server) -> None:
        self._database = database
        self._broker = broker

    @pytest.fixture
    def database(self) -> servers.Server:
        return self._database

    @pytest.fixture
    def broker(self) -> servers.Server:
        return self._broker


def main(options: list[str]) -> int:
    """Return pytest's exit code: 0 if nothing was lost or doubled."""
    with TemporaryDirectory(prefix="drill-") as name, ExitStack() as ends:
        folder = Path(name)

        def start(server: S) -> S:
            sys.stderr.write(f"Starting {server.name} on port {server.port}.\n")
            ends.callback(server.kill)
            server.prepare()
            server.start()
            return server

        try:
            # % if cookiecutter.database == "postgresql"
            database = start(servers.PostgreSQL(folder))
            # % else
            database = start(servers.MariaDB(folder))
            # % endif
            # % if cookiecutter.broker == "rabbitmq"
            broker = start(servers.RabbitMQ(folder))
            # % else
            broker = start(servers.Redis(folder))
            # % endif
            cache = start(servers.Redis(folder))
        except servers.ProgramMissingError as problem:
            sys.stderr.write(f"{problem}\n")
            return 2
        # Before Django reads its settings.
        os.environ.update(
            DJANGO_SETTINGS_MODULE="config.settings.test",
            DATABASE_URL=database.url,
            CACHE_URL=cache.url,
            CELERY_BROKER_URL=broker.url,
        )
        return pytest.main(
            ["--quiet", "--tb=short", *options, str(FOLDER)],
            plugins=[Servers(database, broker), Table()],
        )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
