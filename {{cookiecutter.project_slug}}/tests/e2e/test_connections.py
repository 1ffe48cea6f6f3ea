"""The service keeps few connections to its database, and gets over the loss of them."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django import db

from tests.e2e.authentication import Authentication
from tests.e2e.conftest import THREADS
from tests.e2e.http import Client
from tests.e2e.processes import WebServer, wait_for
from tests.factories.users import UserFactory

if db.connection.vendor == "sqlite":
    pytest.skip("DATABASE_URL names no server", allow_module_level=True)

REQUESTS = 24
CLIENTS = 8
# % if cookiecutter.database == "postgresql"
OPEN = """
    SELECT pid FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'e2e-' || %(interface)s
"""
# A pool keeps them, whatever thread asks.
MOST = {"wsgi": THREADS, "asgi": THREADS}


# % else
OPEN = """
    SELECT id FROM information_schema.processlist
    WHERE db = database() AND id <> connection_id()
"""
# https://mariadb.com/docs/server/reference/error-codes/mariadb-error-codes-1000-to-1099/e1094
NO_SUCH_THREAD = 1094
# Threads of gunicorn keep theirs; under ASGI no thread lives longer than its request.
MOST = {"wsgi": THREADS, "asgi": 0}


# % endif
def test_many_requests_leave_few_connections(web: WebServer, client: Client) -> None:
    before = open_connections(web)

    assert statuses(client) == [200] * REQUESTS

    most = MOST[web.interface]
    wait_for(lambda: len(open_connections(web) - before) <= most, f"{most} connections at most")


def test_connections_that_the_database_closed_are_replaced(web: WebServer, client: Client) -> None:
    assert statuses(client) == [200] * REQUESTS

    for key in open_connections(web):
        close_connection(key)

    assert statuses(client) == [200] * REQUESTS


@pytest.fixture
def client(web: WebServer, authentication: Authentication) -> Client:
    """Return a client that has signed in."""
    client = web.client()
    authentication.sign_in(client, UserFactory())
    return client


def statuses(client: Client) -> list[int]:
    """Send ``REQUESTS`` requests, ``CLIENTS`` at a time, that each need the database."""
    with ThreadPoolExecutor(CLIENTS) as executor:
        answers = executor.map(client.get, ["/api/v1/users/me/"] * REQUESTS)
        return [answer.status_code for answer in answers]


def open_connections(web: WebServer) -> set[int]:
    """Return the keys of the connections to this database; those of the tests are left out."""
    with db.connection.cursor() as cursor:
        cursor.execute(OPEN, {"interface": web.interface})
        return {key for (key,) in cursor.fetchall()}


def close_connection(key: int) -> None:
    """Let the server close the connection ``key``, unless it was closed meanwhile."""
    with db.connection.cursor() as cursor:
        # % if cookiecutter.database == "postgresql"
        cursor.execute("SELECT pg_terminate_backend(%s)", [key])
        # % else
        try:
            cursor.execute("KILL %s", [key])
        except db.OperationalError as error:
            number, _ = error.args
            if number != NO_SUCH_THREAD:
                raise
        # % endif
