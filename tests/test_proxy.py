"""Slow clients are cut before gunicorn: the configuration of docker-compose.yml's proxy, in a real nginx.

Not proven here: that the image of nginx starts with it. The pipelines of a bake do that.
"""

import contextlib
import re
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.baking import Answers, BakedProject, bake
from tests.proxies import (
    ANSWER_SECONDS,
    STRANGER,
    THREADS,
    TLS_PROXY,
    Answer,
    Server,
    compose_values,
    find_nginx,
    gunicorn,
    is_closed,
    proxy,
    read_answer,
    refusals,
)
from tests.variables import constant_product, product, settings_of
from tests.waiting import await_true
from tools.demo import free_port

# Both interfaces, both formats of errors, with and without manifests.
ROWS: dict[str, tuple[Answers, str]] = {
    "wsgi-plain-kustomize": ({"response_format": "plain"}, "wsgi"),
    "asgi-envelope-none": ({"response_format": "envelope", "kubernetes": "none"}, "asgi"),
}
HEADS, BODIES = 200, 50
# Shorter than in docker-compose.yml, so that the test is; and more connections than it opens bodies.
TIMEOUT_SECONDS = 4
SHORT = {
    "PROXY_CLIENT_TIMEOUT_SECONDS": str(TIMEOUT_SECONDS),
    "PROXY_CONNECTIONS": str(BODIES + 10),
}
# What a machine that does much else adds to the times.
SLACK_SECONDS = 20.0
# How long nobody gets an answer, for which a ready server needs a hundredth.
NO_ANSWER_SECONDS = 1.0
ID = "asked-by-a-test"


@dataclass(frozen=True)
class Pair:
    """gunicorn itself, and the proxy before it."""

    project: BakedProject
    web: Server
    proxy: Server
    folder: Path


@pytest.fixture(scope="module", params=ROWS)
def pair(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Pair]:
    find_nginx()
    answers, interface = ROWS[request.param]
    folder = tmp_path_factory.mktemp("proxy")
    project = bake({"database": "sqlite", **answers}, folder)
    project.run("uv", "sync", "--quiet")
    with (
        gunicorn(project, folder / "web", SERVER_INTERFACE=interface) as web,
        proxy(project, folder / "proxy", web, **SHORT) as front,
    ):
        assert front.ask("/api/tell/").status == 200
        yield Pair(project, web, front, folder)


def without_request(answer: Answer) -> Any:
    """Return the body of a refusal without what differs from request to request."""
    body = answer.json()
    (body if "request_id" in body else body["meta"]).pop("request_id")
    return body | ({"instance": ""} if "instance" in body else {})


def code_of(answer: Answer) -> str:
    code: str = answer.json()["errors"][0]["code"]
    return code


def said_to_browsers(answer: Answer) -> dict[str, list[str]]:
    """Return the headers, but for those of the connection; the parts of policies have no order."""
    of_the_connection = {"Server", "Date", "Connection", "Content-Length", "X-Request-ID"}
    return {
        name: sorted(value.split("; "))
        for name, value in answer.headers.items()
        if name not in of_the_connection
    }


@contextlib.contextmanager
def closing(connections: list[socket.socket]) -> Iterator[list[socket.socket]]:
    try:
        yield connections
    finally:
        for connection in connections:
            connection.close()


def drip(connections: list[socket.socket]) -> None:
    """Send one byte more over each, as far as it is open."""
    for connection in connections:
        with contextlib.suppress(ConnectionError):
            connection.sendall(b"x")


def test_slow_clients_are_cut_while_others_are_answered(pair: Pair) -> None:
    begun = time.monotonic()
    with (
        closing([pair.proxy.slow_head() for _ in range(HEADS)]) as heads,
        closing([pair.proxy.slow_body() for _ in range(BODIES)]) as bodies,
    ):
        drip(heads)
        drip(bodies)
        assert not any(map(is_closed, (*heads, *bodies)))
        while heads_open := [head for head in heads if not is_closed(head)]:
            drip(heads_open)
            drip(bodies)
            assert pair.proxy.ask("/api/tell/").status == 200
            assert time.monotonic() - begun < TIMEOUT_SECONDS + SLACK_SECONDS
        # No time ends a body of which pieces come: it costs memory of the proxy, and no thread.
        assert not any(map(is_closed, bodies))

        stopped = time.monotonic()
        while not all(map(is_closed, bodies)):
            assert pair.proxy.ask("/api/tell/").status == 200
            assert time.monotonic() - stopped < TIMEOUT_SECONDS + SLACK_SECONDS


@pytest.mark.parametrize("pair", ["wsgi-plain-kustomize"], indirect=True)
def test_without_the_proxy_as_many_slow_clients_as_threads_stop_the_service(pair: Pair) -> None:
    request = f"GET /live/ HTTP/1.1\r\nHost: {pair.web.host}\r\n\r\n".encode()
    with (
        closing([pair.web.slow_head() for _ in range(THREADS)]) as heads,
        pair.web.begin(request) as honest,
    ):
        honest.settimeout(NO_ANSWER_SECONDS)
        with pytest.raises(TimeoutError):
            honest.recv(1)
        for head in heads:
            head.close()
        honest.settimeout(ANSWER_SECONDS)
        assert read_answer(honest).status == 200


def test_address_has_so_many_requests_open_and_no_more(pair: Pair) -> None:
    limit = 5
    few = {"PROXY_CONNECTIONS": str(limit), "PROXY_CLIENT_TIMEOUT_SECONDS": "600"}
    bodies: list[socket.socket] = []
    with proxy(pair.project, pair.folder / "few", pair.web, **few) as front, closing(bodies):

        def is_refused() -> bool:
            # Once its head is read, it counts; or it is refused, where the one below came before it.
            bodies.append(front.slow_body(come_from=STRANGER))
            return front.ask("/api/tell/", come_from=STRANGER).status == 429

        await_true(is_refused, seconds=SLACK_SECONDS)
        refused = front.ask("/api/tell/", come_from=STRANGER)
        other = front.ask("/api/tell/")

    assert len(bodies) >= limit
    assert (refused.status, code_of(refused)) == (429, "throttled")
    assert other.status == 200


def test_who_ends_tls_is_believed(pair: Pair) -> None:
    told = pair.proxy.ask("/api/tell/", X_Forwarded_For="192.0.2.1, 192.0.2.7", X_Request_ID=ID)

    assert told.headers["X-Request-ID"] == ID
    assert told.json() == {
        "address": "192.0.2.7",
        "request_id": ID,
        "is_secure": True,
        "host": pair.proxy.host,
        "size": 0,
    }


def test_others_make_up_neither_address_nor_tls(pair: Pair) -> None:
    made_up = {"X_Forwarded_For": "192.0.2.1", "X_Forwarded_Proto": "https"}

    plain = pair.proxy.ask("/api/tell/", come_from=STRANGER, **made_up)
    # A word more in the chain: the last that the proxy's own caller did not add.
    told = pair.proxy.ask("/api/tell/", X_Forwarded_For=f"192.0.2.1, {STRANGER}, {TLS_PROXY}")

    assert (plain.status, plain.headers["Location"]) == (
        301,
        f"https://{pair.proxy.host}/api/tell/",
    )
    assert told.json()["address"] == STRANGER


def test_id_that_could_forge_a_line_is_replaced(pair: Pair) -> None:
    answer = pair.proxy.ask("/api/tell/", X_Request_ID='a" b')

    assert len(answer.json()["request_id"]) == 32


def test_body_is_as_large_as_the_service_takes_and_no_larger(pair: Pair) -> None:
    limit = constant_product(pair.project, "DATA_UPLOAD_MAX_MEMORY_SIZE")

    whole = pair.proxy.ask("/api/tell/", b"x" * limit)
    refusals = [server.ask("/api/tell/", b"x" * (limit + 1)) for server in (pair.proxy, pair.web)]

    assert whole.json()["size"] == limit
    assert [answer.status for answer in refusals] == [413, 413]
    by_proxy, by_service = map(without_request, refusals)
    assert by_proxy == by_service


def test_proxy_lets_uploads_in_where_there_are_any(into: Path) -> None:
    project = bake({"import_export": True}, into, lock=False)
    (upload,) = re.findall(
        r"EXCHANGE_UPLOAD_MAX_BYTES\"[^)]*\) or ([\d *]+)\n", settings_of(project)
    )

    limit = int(compose_values(project)["PROXY_BODY_MAX_BYTES"])

    assert product(upload) < limit < product(upload) + 1024 * 1024


REFUSED = {
    400: b"no request\r\n\r\n",
    404: b"GET /.refused HTTP/1.1\r\nHost: h\r\n\r\n",
    405: b"TRACE / HTTP/1.1\r\nHost: h\r\n\r\n",
    414: b"GET /" + b"a" * 9_000 + b" HTTP/1.1\r\n\r\n",
    431: b"GET / HTTP/1.1\r\nHost: h\r\nX-Long: " + b"a" * 9_000 + b"\r\n\r\n",
    501: b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\n",
    505: b"GET / HTTP/3.0\r\nHost: h\r\n\r\n",
}


def test_what_the_proxy_refuses_is_answered_as_the_service_would(pair: Pair) -> None:
    by_service = refusals(pair.project, REFUSED)

    by_proxy = {status: pair.proxy.answer_to(sent) for status, sent in REFUSED.items()}

    assert {status: answer.status for status, answer in by_proxy.items()} == {
        status: status for status in REFUSED
    }
    for status, answer in by_proxy.items():
        assert without_request(answer) == without_request(by_service[status])
        assert said_to_browsers(answer) == said_to_browsers(by_service[status])


def test_service_that_is_down_is_told_in_the_contract(pair: Pair) -> None:
    nobody = Server(free_port(), pair.web.host)
    with proxy(pair.project, pair.folder / "alone", nobody) as alone:
        answer = alone.ask("/api/tell/", X_Request_ID=ID)

    assert (answer.status, code_of(answer)) == (502, "bad_gateway")
    assert answer.headers["X-Request-ID"] == ID
    assert ID in answer.body.decode()


def test_log_of_the_proxy_has_no_query(pair: Pair) -> None:
    pair.proxy.ask("/api/tell/?token=planted-in-a-query", b"x" * 3 * 1024 * 1024)

    log = pair.folder / "proxy" / "nginx.log"
    await_true(lambda: '"POST /api/tell/" 413 ' in log.read_text("utf-8"), seconds=SLACK_SECONDS)
    assert "planted-in-a-query" not in log.read_text("utf-8")
