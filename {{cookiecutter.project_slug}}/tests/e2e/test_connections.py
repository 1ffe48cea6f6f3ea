"""The service keeps few connections to its database, and gets over the loss of them."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from tests.e2e.authentication import Authentication
from tests.e2e.http import Client
from tests.e2e.processes import Launcher, WebServer, wait_for
from tests.factories.users import UserFactory

if connection.vendor == "sqlite":
    pytest.skip("DATABASE_URL names no server", allow_module_level=True)

THREADS = 3
REQUESTS = 24
CLIENTS = 8
# % if cookiecutter.database == "postgresql"
# The name under which the server's connections are listed: the tests have a pool of their own.
VARIABLES = {"PGAPPNAME": "test_connections"}
OPEN = """
    SELECT pid FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'test_connections'
"""
CLOSE = "SELECT pg_terminate_backend(%s)"
# Its pool keeps them, whatever thread asks.
MOST = [("wsgi", THREADS), ("asgi", THREADS)]


# % else
VARIABLES: dict[str, str] = {}
OPEN = """
    SELECT id FROM information_schema.processlist
    WHERE db = database() AND id <> connection_id()
"""
CLOSE = "KILL %s"
# Threads of gunicorn keep theirs; under ASGI no thread lives longer than its request.
MOST = [("wsgi", THREADS), ("asgi", 0)]


# % endif
@pytest.fixture(scope="module", params=MOST, ids=["wsgi", "asgi"])
def server_and_most(
    request: pytest.FixtureRequest, shared_launcher: Launcher
) -> Iterator[tuple[WebServer, int]]:
    """Return a server with ``THREADS`` threads, and how many idle connections it may have."""
    interface, most = request.param
    size = {"WEB_CONCURRENCY": "1", "WEB_THREADS": str(THREADS)}
    server = shared_launcher.web(SERVER_INTERFACE=interface, **size, **VARIABLES)
    yield server, most
    server.stop()


def test_many_requests_leave_few_connections(
    server_and_most: tuple[WebServer, int], authentication: Authentication
) -> None:
    server, most = server_and_most
    of_others = open_connections()
    client = signed_in_client(server, authentication)

    assert statuses(client) == [200] * REQUESTS

    wait_for(lambda: len(open_connections() - of_others) <= most, f"{most} connections at most")


def test_connections_that_the_database_closed_are_replaced(
    server_and_most: tuple[WebServer, int], authentication: Authentication
) -> None:
    server, _ = server_and_most
    client = signed_in_client(server, authentication)
    assert statuses(client) == [200] * REQUESTS

    with connection.cursor() as cursor:
        for key in open_connections():
            cursor.execute(CLOSE, [key])

    assert statuses(client) == [200] * REQUESTS


def signed_in_client(server: WebServer, authentication: Authentication) -> Client:
    client = server.client()
    authentication.sign_in(client, UserFactory())
    return client


def statuses(client: Client) -> list[int]:
    """Send ``REQUESTS`` requests, ``CLIENTS`` at a time, that each need the database."""
    with ThreadPoolExecutor(CLIENTS) as executor:
        answers = executor.map(client.get, ["/api/v1/users/me/"] * REQUESTS)
        return [answer.status_code for answer in answers]


def open_connections() -> set[int]:
    """Return the keys of the connections to this database; those of the tests are left out."""
    with connection.cursor() as cursor:
        cursor.execute(OPEN)
        return {key for (key,) in cursor.fetchall()}
