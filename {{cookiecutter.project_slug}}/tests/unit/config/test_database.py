"""The service connects to its database in a way that fits how it is served."""

from typing import Any

import environ
import pytest
from django.core.exceptions import ImproperlyConfigured

from config.settings.database import database
from tests.production import example

VARIABLES = ("DATABASE_URL", "DATABASE_POOL_MAX_SIZE", "WEB_THREADS", "SERVER_INTERFACE")


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


def described(**variables: str) -> dict[str, Any]:
    """Return the database that the environment describes when it holds ``variables``."""
    with pytest.MonkeyPatch.context() as environment:
        for name, value in variables.items():
            environment.setenv(name, value)
        return database(environ.Env(), default="sqlite:////default.sqlite3")


# % if cookiecutter.database == "postgresql"
@pytest.mark.parametrize(
    ("variables", "size"),
    [
        ({}, 4),
        ({"WEB_THREADS": "8"}, 8),
        ({"WEB_THREADS": "8", "DATABASE_POOL_MAX_SIZE": "2"}, 2),
        ({"WEB_THREADS": "", "DATABASE_POOL_MAX_SIZE": ""}, 4),
    ],
)
def test_pool_has_a_connection_for_each_thread(variables: dict[str, str], size: int) -> None:
    config = described(DATABASE_URL=example()["DATABASE_URL"], **variables)

    assert config["OPTIONS"]["pool"]["max_size"] == size
    assert config["CONN_MAX_AGE"] == 0
    assert config["CONN_HEALTH_CHECKS"] is True


# % elif cookiecutter.database == "mysql"
@pytest.mark.parametrize(("interface", "seconds"), [("", 60), ("wsgi", 60), ("asgi", 0)])
def test_threads_that_stay_keep_their_connection(interface: str, seconds: int) -> None:
    config = described(DATABASE_URL=example()["DATABASE_URL"], SERVER_INTERFACE=interface)

    assert config["CONN_MAX_AGE"] == seconds
    assert config["CONN_HEALTH_CHECKS"] is True


# % endif
@pytest.mark.parametrize("variables", [{}, {"DATABASE_URL": ""}])
def test_default_is_a_file_that_readers_and_a_writer_share(variables: dict[str, str]) -> None:
    config = described(**variables)

    assert (config["ENGINE"], config["NAME"]) == (
        "django.db.backends.sqlite3",
        "/default.sqlite3",
    )
    assert "journal_mode=WAL" in config["OPTIONS"]["init_command"]


@pytest.mark.parametrize("url", ["oracle://user@host/name", "mssql://user@host/name"])
def test_database_that_the_service_was_not_made_for_is_refused(url: str) -> None:
    with pytest.raises(ImproperlyConfigured):
        described(DATABASE_URL=url)


def test_database_of_production_is_understood() -> None:
    config = described(DATABASE_URL=example()["DATABASE_URL"])

    assert config["NAME"]
    assert config["OPTIONS"]
