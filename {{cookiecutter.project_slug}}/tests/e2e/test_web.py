"""gunicorn serves the service, with both interfaces."""

import re
import socket
from http.client import HTTPResponse
from urllib.parse import urlencode

import pytest

from tests.bodies import data, error_codes
from tests.e2e.authentication import Authentication
from tests.e2e.http import TIMEOUT_SECONDS, Client
from tests.e2e.processes import Launcher, WebServer
from tests.factories.users import UserFactory


def test_user_signs_in_and_reads_own_account(
    web: WebServer, authentication: Authentication
) -> None:
    user = UserFactory()
    client = web.client()
    authentication.sign_in(client, user)

    answer = client.get("/api/v1/users/me/")

    assert answer.status_code == 200
    assert data(answer)["email"] == user.email


def test_caller_who_did_not_sign_in_is_refused(web: WebServer) -> None:
    answer = web.client().get("/api/v1/users/me/")

    assert answer.status_code == 401
    assert error_codes(answer) == [("not_authenticated", None)]


def test_static_files_are_served(web: WebServer) -> None:
    page = web.client().get("/api/docs/").text
    [style] = re.findall(r'href="(/static/[^"]+\.css)"', page)

    answer = web.client().get(style)

    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/css")


def test_what_the_server_itself_refuses_is_in_the_error_contract(web: WebServer) -> None:
    with socket.create_connection(("127.0.0.1", web.port), TIMEOUT_SECONDS) as connection:
        connection.sendall(b"no request\r\n\r\n")
        answer = web.client().read(response_of(connection))

    assert answer.status_code == 400
    assert error_codes(answer) == [("parse_error", None)]


LONG_LINE = b"GET /" + b"a" * 4_094 + b" HTTP/1.1\r\n\r\n"
LONG_HEADER = b"GET /live/ HTTP/1.1\r\nX-Long: " + b"a" * 8_190 + b"\r\n\r\n"
MANY_HEADERS = b"GET /live/ HTTP/1.1\r\n" + b"X-One: 1\r\n" * 65 + b"\r\n"
LINE_WITHOUT_END = b"GET /" + b"a" * 70_000
TOO_LARGE = {
    "wsgi": {LONG_LINE: 414, LONG_HEADER: 431, MANY_HEADERS: 431},
    "asgi": {LINE_WITHOUT_END: 400},
}


def test_head_that_is_too_large_is_refused(web: WebServer) -> None:
    found = {}
    for head in TOO_LARGE[web.interface]:
        with socket.create_connection(("127.0.0.1", web.port), TIMEOUT_SECONDS) as connection:
            connection.sendall(head)
            found[head] = web.client().read(response_of(connection)).status_code

    assert found == TOO_LARGE[web.interface]


@pytest.mark.parametrize("interface", ["wsgi", "asgi"])
def test_request_in_flight_completes_when_the_server_is_stopped(
    launcher: Launcher, interface: str
) -> None:
    server = launcher.web(
        SERVER_INTERFACE=interface, WEB_CONCURRENCY="1", ADMIN_SECOND_FACTOR="true"
    )
    client = server.client()
    client.get("/admin/login/")
    token = client.cookies["csrftoken"]
    body = urlencode({"csrfmiddlewaretoken": token, "username": "a", "password": "b"}).encode()
    with half_sent_request(client, "/admin/login/", body) as connection:
        server.terminate()
        server.wait_until_printed("Handling signal: term")
        connection.sendall(body[len(body) // 2 :])
        answer = client.read(response_of(connection))

    assert answer.status_code == 200
    assert "do not fit together" in answer.text
    server.stop()


def test_body_that_is_too_large_or_of_no_length_is_refused(
    web: WebServer, authentication: Authentication
) -> None:
    client = web.client()
    authentication.sign_in(client, UserFactory())
    json = {"Content-Type": "application/json"}
    large = b'"' + b"x" * 3 * 1024 * 1024 + b'"'

    too_large = client.request("PATCH", "/api/v1/users/me/", body=large, headers=json)
    of_no_length = client.request(
        "PATCH",
        "/api/v1/users/me/",
        body=b"2\r\n{}\r\n0\r\n\r\n",
        headers={**json, "Transfer-Encoding": "chunked"},
    )

    assert (too_large.status_code, error_codes(too_large)) == (413, [("too_large", None)])
    assert error_codes(of_no_length) == [("length_required", None)]
    assert of_no_length.status_code == 411


def test_killed_worker_is_replaced(web: WebServer) -> None:
    killed = web.kill_worker()

    assert killed not in web.workers()


def half_sent_request(client: Client, path: str, body: bytes) -> socket.socket:
    """Send a form but for the second half of ``body``, once the server waits for it.

    It tells so with ``100 Continue`` (RFC 9110, section 10.1.1).
    """
    headers = client.request_headers() | {
        "Content-Type": "application/x-www-form-urlencoded",
        "Content-Length": str(len(body)),
        "Expect": "100-continue",
        "Referer": f"https://{client.headers['Host']}/",
    }
    lines = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    connection = socket.create_connection(("127.0.0.1", client.port), timeout=TIMEOUT_SECONDS)
    connection.sendall("\r\n".join([*lines, "", ""]).encode())
    assert connection.recv(1024).startswith(b"HTTP/1.1 100 Continue")
    connection.sendall(body[: len(body) // 2])
    return connection


def response_of(connection: socket.socket) -> HTTPResponse:
    response = HTTPResponse(connection, method="POST")
    response.begin()
    return response
