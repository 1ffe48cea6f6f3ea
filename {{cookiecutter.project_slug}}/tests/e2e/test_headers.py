"""What production's web server tells browsers, and whom it believes to come over TLS."""

import socket
from collections.abc import Iterator
from http.client import HTTPResponse

import pytest

from tests.e2e.http import TIMEOUT_SECONDS, Answer, Client
from tests.e2e.processes import Launcher, WebServer
from tests.production import example

POLICY = {
    "default-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
}
CLAIMS_TLS = {"X-Forwarded-Proto": "https"}


@pytest.fixture(scope="module")
def production(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Launcher]:
    """Return what starts processes with the settings of production; no server is there."""
    with Launcher(example(), tmp_path_factory.mktemp("production")) as launcher:
        yield launcher


@pytest.fixture(scope="module", params=["wsgi", "asgi"])
def behind_a_proxy(request: pytest.FixtureRequest, production: Launcher) -> WebServer:
    return production.web(SERVER_INTERFACE=request.param, WEB_CONCURRENCY="1")


@pytest.fixture(scope="module", params=["wsgi", "asgi"])
def without_a_proxy(request: pytest.FixtureRequest, production: Launcher) -> WebServer:
    return production.web(SERVER_INTERFACE=request.param, WEB_CONCURRENCY="1", TRUSTED_PROXIES="0")


def check(answer: Answer) -> None:
    """See that ``answer`` has what every answer has."""
    assert set(answer.headers["Content-Security-Policy"].split("; ")) == POLICY
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert "camera=()" in answer.headers["Permissions-Policy"]
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_probe_over_plain_http_has_every_header(behind_a_proxy: WebServer) -> None:
    answer = Client(behind_a_proxy.port, {}).get("/live/")

    assert answer.status_code == 200
    check(answer)
    assert answer.headers["Strict-Transport-Security"] is None


def test_refusal_over_tls_has_every_header(behind_a_proxy: WebServer) -> None:
    answer = behind_a_proxy.client().get("/api/nowhere/")

    assert answer.status_code == 404
    check(answer)
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_what_the_web_server_itself_refuses_has_every_header(behind_a_proxy: WebServer) -> None:
    with socket.create_connection(
        ("127.0.0.1", behind_a_proxy.port), TIMEOUT_SECONDS
    ) as connection:
        connection.sendall(b"no request\r\n\r\n")
        response = HTTPResponse(connection)
        response.begin()
        answer = Answer(response.status, response.headers, response.read())

    assert answer.status_code == 400
    check(answer)


def test_claim_of_tls_gains_nothing_without_a_proxy(without_a_proxy: WebServer) -> None:
    answer = Client(without_a_proxy.port, {"Host": without_a_proxy.host, **CLAIMS_TLS}).get(
        "/api/nowhere/"
    )

    assert answer.status_code == 301
    assert answer.headers["Location"] == f"https://{without_a_proxy.host}/api/nowhere/"
    assert answer.headers["Strict-Transport-Security"] is None
