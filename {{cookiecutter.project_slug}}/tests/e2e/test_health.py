"""Probes and metrics tell the truth under hardened settings, whatever the servers do."""

import json
import socket
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from core.health.checks import DEADLINE_SECONDS
from tests.bodies import error_codes
from tests.e2e.http import Client
from tests.e2e.processes import Launcher, WebServer, free_port
from tests.metrics import AUTHORIZATION, TOKEN
from tests.production import example

SECRET = "s3cret-that-nobody-may-see"
SERVERS = ["database", "cache", "broker"]


@pytest.fixture(scope="module")
def port() -> int:
    """Return the port at which all servers of the service are expected, and none is."""
    return free_port()


@pytest.fixture(scope="module")
def without_servers(port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebServer]:
    """Return a web server in production that has nothing to talk to."""
    environment = example() | {"METRICS_TOKEN": TOKEN}
    for name in ("DATABASE_URL", "CACHE_URL", "CELERY_BROKER_URL", "EMAIL_URL"):
        parts = urlsplit(environment[name])
        if parts.netloc:  # SQLite's file has none, and no folder that it could be in.
            parts = parts._replace(netloc=f"user:{SECRET}@127.0.0.1:{port}")
            environment[name] = parts.geturl()
    with Launcher(environment, tmp_path_factory.mktemp("without-servers")) as launcher:
        yield launcher.web(WEB_CONCURRENCY="1")


def probe(server: WebServer) -> Client:
    """Return a client that speaks as an orchestrator does: to an address, over plain HTTP."""
    return Client(server.port, {"Host": f"10.1.2.3:{server.port}"})


def test_live_answers_a_probe_though_every_server_is_away(without_servers: WebServer) -> None:
    answer = probe(without_servers).get("/live/")

    assert answer.status_code == 200
    assert answer.json() == {"status": "ok"}


def test_ready_names_what_is_away_and_no_more(without_servers: WebServer, port: int) -> None:
    answer = probe(without_servers).get("/ready/")

    assert answer.status_code == 503
    assert answer.json() == {"status": "unavailable", "failing": SERVERS}
    printed = without_servers.output
    assert "database is not healthy" in printed
    assert SECRET not in printed
    assert f"{port}" not in printed


def test_metrics_name_the_database_and_no_more(without_servers: WebServer, port: int) -> None:
    answer = probe(without_servers).get("/metrics", Authorization=AUTHORIZATION)

    assert answer.status_code == 503
    assert answer.json() == {"status": "unavailable", "failing": ["database"]}
    printed = without_servers.output
    assert "metrics cannot be read: OperationalError" in printed
    assert SECRET not in printed
    assert f"{port}" not in printed
    assert TOKEN not in printed


def test_ready_does_not_wait_for_servers_that_never_answer(
    without_servers: WebServer, port: int
) -> None:
    with socket.create_server(("127.0.0.1", port), backlog=64):
        start = time.monotonic()
        answer = probe(without_servers).get("/ready/")
        seconds = time.monotonic() - start

    assert seconds < DEADLINE_SECONDS + 1
    assert answer.status_code == 503
    assert answer.json()["failing"] == SERVERS


def test_other_urls_are_redirected_to_https(without_servers: WebServer) -> None:
    answer = Client(without_servers.port, {"Host": without_servers.host}).get("/api/v1/users/me/")

    assert answer.status_code == 301
    assert answer.headers["Location"] == f"https://{without_servers.host}/api/v1/users/me/"


@pytest.mark.parametrize("headers", [{}, {"X-Forwarded-Proto": "https"}], ids=["http", "https"])
def test_foreign_host_is_refused_in_the_error_contract(
    without_servers: WebServer, headers: dict[str, str]
) -> None:
    answer = Client(without_servers.port, {"Host": "evil.example", **headers}).get("/api/v1/")

    assert answer.status_code == 400
    assert error_codes(answer) == [("parse_error", None)]
    assert SECRET not in json.dumps(answer.json())
