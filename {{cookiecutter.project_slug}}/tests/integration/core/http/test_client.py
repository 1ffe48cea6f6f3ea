"""Calls of a server that misbehaves end in time, with the right error, and are repeated if that is safe."""

import asyncio
import gzip
import json
import logging
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import SynchronousOnlyOperation
from django.utils.http import http_date

import core
from core.http.answers import Response
from core.http.errors import (
    BadResponseError,
    CircuitOpenError,
    HttpOutcomeUnknownError,
    HttpRefusedError,
    HttpTimeoutError,
    HttpTransientError,
    HttpUnavailableError,
    ResponseTooLargeError,
    UntrustedServerError,
)
from core.http.upstream import Upstream
from core.identity.origin import Origin, originating_from
from core.identity.trace import Trace, traced
from tests.e2e.processes import wait_for
from tests.integration.core.http.conftest import Caller
from tests.integration.core.http.server import (
    Connection,
    Server,
    answer,
    bomb,
    endless,
    head,
)

Call = Callable[..., Response]


def reset(connection: Connection) -> None:
    connection.reset()


def reset_in_body(connection: Connection) -> None:
    connection.send(head(200, 100) + b"{")
    connection.reset()


def end_in_body(connection: Connection) -> None:
    connection.send(head(200, 100) + b"{")
    connection.end()


def test_call_brings_the_answer(server: Server, call: Call) -> None:
    server.behave(answer(201, b'{"id": 7}', location="/orders/7"))

    response = call("POST", "/orders", params={"dry": "no"}, json={"sku": "1"}, headers={"A": "b"})

    assert (response.status, response.json()) == (201, {"id": 7})
    assert response.headers["Location"] == "/orders/7"
    [request] = server.requests
    assert (request.method, request.target) == ("POST", "/orders?dry=no")
    assert (request.json(), request.headers["a"]) == ({"sku": "1"}, "b")


def test_compressed_answer_is_uncompressed(server: Server, call: Call) -> None:
    server.behave(answer(200, gzip.compress(b'{"a": 1}'), content_encoding="gzip"))

    assert call("GET", "/").json() == {"a": 1}
    assert server.requests[0].headers["accept-encoding"] == "gzip"


def test_headers_of_the_upstream_go_with_every_call(caller: Caller, server: Server) -> None:
    call = caller.client(server, base_url=server.url + "/v2/", headers={"Authorization": "Key 1"})

    call("GET", "/orders")

    assert server.requests[0].headers["authorization"] == "Key 1"
    assert server.requests[0].target == "/v2/orders"


def test_request_id_goes_with_the_call(server: Server, call: Call) -> None:
    with originating_from(Origin("request-1")):
        call("GET", "/")

    assert server.requests[0].headers["x-request-id"] == "request-1"


def test_trace_goes_with_the_call(server: Server, call: Call) -> None:
    trace = Trace(trace_id="a" * 32, span_id="b" * 16, flags="01", state="vendor=1")
    with traced(trace):
        call("GET", "/")

    sent = server.requests[0].headers
    assert sent["traceparent"] == f"00-{'a' * 32}-{'b' * 16}-01"
    assert sent["tracestate"] == "vendor=1"


def test_connection_is_used_again(server: Server, call: Call) -> None:
    call("GET", "/")
    call("GET", "/")

    assert (len(server.requests), server.connections) == (2, 1)


def test_cookies_are_not_kept(server: Server, call: Call) -> None:
    server.behave(answer(200, b"{}", set_cookie="session=1"))

    call("GET", "/")
    call("GET", "/")

    assert "cookie" not in server.requests[1].headers


def test_no_more_connections_than_allowed(caller: Caller, server: Server) -> None:
    server.behave(lambda connection: connection.hang())
    call = caller.client(
        server, max_connections=1, pool_seconds=0.05, total_seconds=1.5, attempts=1
    )

    def refused(_: int) -> type[Exception]:
        with pytest.raises(HttpTransientError) as caught:
            call("GET", "/")
        return type(caught.value)

    with ThreadPoolExecutor(3) as threads:
        kinds = list(threads.map(refused, range(3)))

    assert server.connections == 1
    assert kinds == [HttpTimeoutError] * 3


# Time


@pytest.mark.parametrize(
    "behaviour",
    [
        pytest.param(lambda connection: connection.hang(), id="no answer"),
        pytest.param(lambda connection: connection.drip(head(200, 2)), id="headers drip"),
        pytest.param(
            lambda connection: [connection.send(head(200, 500)), connection.drip(b"x" * 500)],
            id="body drips",
        ),
    ],
)
def test_call_ends_when_its_whole_time_is_up(
    caller: Caller, server: Server, behaviour, caplog
) -> None:
    server.behave(behaviour)
    call = caller.client(server, total_seconds=0.2)
    started = time.monotonic()

    with pytest.raises(HttpTimeoutError):
        call("GET", "/")

    assert 0.2 <= time.monotonic() - started < 2
    assert '"attempts": 1,' in caplog.text


def test_step_has_a_time_of_its_own(caller: Caller, server: Server) -> None:
    server.behave(lambda connection: connection.hang())
    call = caller.client(server, read_seconds=0.1)

    with pytest.raises(HttpTimeoutError, match="ReadTimeout"):
        call("GET", "/")


# Connections that break


@pytest.mark.parametrize("behaviour", [reset, reset_in_body, end_in_body])
def test_call_that_breaks_is_repeated(server: Server, call: Call, behaviour) -> None:
    server.behave(behaviour, behaviour, answer())

    assert call("GET", "/").status == 200
    assert len(server.requests) == 3


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "PUT", "DELETE"])
def test_idempotent_call_is_repeated(server: Server, call: Call, method: str) -> None:
    server.behave(reset, answer(content=b""))

    call(method, "/")

    assert [request.method for request in server.requests] == [method, method]


def test_call_with_an_idempotency_key_is_repeated_with_the_same_key(
    server: Server, call: Call
) -> None:
    server.behave(reset, answer(503), answer())

    call("POST", "/payments", json={"amount": 1}, idempotency_key="key-1")

    sent = [(request.headers["idempotency-key"], request.json()) for request in server.requests]
    assert sent == [("key-1", {"amount": 1})] * 3


@pytest.mark.parametrize(
    "behaviour",
    [reset, reset_in_body, answer(500), answer(502), answer(503), answer(503, retry_after="soon")],
)
@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_other_call_is_not_repeated_as_it_may_have_taken_effect(
    server: Server, call: Call, method: str, behaviour
) -> None:
    server.behave(behaviour)

    with pytest.raises(HttpOutcomeUnknownError):
        call(method, "/payments")

    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [429, 503])
def test_other_call_that_did_nothing_is_left_to_a_later_try(
    server: Server, call: Call, status: int
) -> None:
    server.behave(answer(status, retry_after="3"))

    with pytest.raises(HttpUnavailableError):
        call("POST", "/payments")

    assert len(server.requests) == 1


def test_other_call_without_a_connection_did_nothing(caller: Caller, server: Server) -> None:
    call = caller.client(server)
    server.stop()

    with pytest.raises(HttpUnavailableError, match="shop: POST /payments no connection"):
        call("POST", "/payments")


def test_repeated_calls_end_with_the_last_error(caller: Caller, server: Server, call: Call) -> None:
    server.behave(answer(503, b"away"))

    with pytest.raises(HttpUnavailableError) as caught:
        call("GET", "/rates")

    assert str(caught.value) == "shop: GET /rates answered 503"
    assert (caught.value.status, caught.value.content) == (503, b"away")
    assert len(server.requests) == 3
    first, second = caller.pauses
    assert 0 <= first <= 0.2
    assert 0 <= second <= 0.4


@pytest.mark.parametrize("status", [429, 503])
def test_pause_is_as_long_as_the_server_asks_for(
    caller: Caller, server: Server, call: Call, status: int
) -> None:
    server.behave(answer(status, retry_after="3"), answer())

    call("GET", "/")

    [pause] = caller.pauses
    assert 3 <= pause <= 3.2


def test_pause_can_end_at_a_date(caller: Caller, server: Server, call: Call) -> None:
    server.behave(answer(503, retry_after=http_date(time.time() + 5)), answer())

    call("GET", "/")

    [pause] = caller.pauses
    assert 3 < pause <= 5.2


@pytest.mark.parametrize("value", ["soon", "-1", "Mon, 01 Jan 2001 00:00:00 GMT", "\u00b2"])
def test_pause_that_says_nothing_is_the_usual_one(
    caller: Caller, server: Server, call: Call, value: str
) -> None:
    server.behave(
        lambda connection: connection.send(
            head(503, 0, retry_after="*").replace(b"*", value.encode())
        ),
        answer(),
    )

    call("GET", "/")

    [pause] = caller.pauses
    assert 0 <= pause <= 0.2


def test_pause_that_is_too_long_is_left_to_the_caller(
    caller: Caller, server: Server, call: Call
) -> None:
    server.behave(answer(429, retry_after="3600"))

    with pytest.raises(HttpUnavailableError) as caught:
        call("GET", "/")

    assert caught.value.retry_after == 3600
    assert (len(server.requests), caller.pauses) == (1, [])


def test_pause_never_outlasts_the_whole_time(caller: Caller, server: Server) -> None:
    server.behave(answer(503, retry_after="5"))
    call = caller.client(server, total_seconds=4)

    with pytest.raises(HttpUnavailableError):
        call("GET", "/")

    assert (len(server.requests), caller.pauses) == (1, [])


# Answers that are no good


def test_error_of_the_server_is_not_repeated_at_once(server: Server, call: Call) -> None:
    server.behave(answer(500))

    with pytest.raises(HttpUnavailableError) as caught:
        call("GET", "/")

    assert (caught.value.status, len(server.requests)) == (500, 1)


@pytest.mark.parametrize("status", [400, 404, 409])
def test_refusal_is_final(server: Server, call: Call, status: int) -> None:
    server.behave(answer(status, b'{"code": "no"}'))

    with pytest.raises(HttpRefusedError) as caught:
        call("GET", "/")

    assert (caught.value.status, caught.value.content) == (status, b'{"code": "no"}')
    assert not isinstance(caught.value, HttpTransientError)
    assert len(server.requests) == 1


def test_redirect_is_not_followed(caller: Caller, server: Server) -> None:
    elsewhere = Server()
    server.behave(answer(302, location=elsewhere.url + "/"))
    call = caller.client(server, headers={"Authorization": "Key 1"})

    with pytest.raises(HttpRefusedError, match="answered 302"):
        call("GET", "/")

    elsewhere.stop()
    assert elsewhere.connections == 0


@pytest.mark.parametrize(
    "behaviour",
    [
        pytest.param(endless, id="endless"),
        pytest.param(bomb, id="gzip bomb"),
        pytest.param(answer(200, b"x" * 1001), id="one byte more"),
        pytest.param(answer(404, b"x" * 1001), id="of an error"),
    ],
)
def test_body_that_is_too_long_is_cut(caller: Caller, server: Server, behaviour) -> None:
    server.behave(behaviour)
    call = caller.client(server, max_bytes=1000)

    with pytest.raises(ResponseTooLargeError, match="longer than 1000 bytes"):
        call("GET", "/")

    assert len(server.requests) == 1


def test_body_may_be_as_long_as_the_bound(caller: Caller, server: Server) -> None:
    body = b"x" * 1000
    server.behave(answer(200, body), answer(200, gzip.compress(body), content_encoding="gzip"))
    call = caller.client(server, max_bytes=1000)

    assert call("GET", "/").content == body
    assert call("GET", "/").content == body


@pytest.mark.parametrize(
    ("coding", "content"),
    [
        ("gzip", b"{}"),
        ("gzip", gzip.compress(b"{}")[:-4]),
        ("gzip", gzip.compress(b"{}") * 2),
        ("br", b"{}"),
    ],
)
def test_body_that_is_not_coded_as_it_says_is_refused(
    server: Server, call: Call, coding: str, content: bytes
) -> None:
    server.behave(answer(200, content, content_encoding=coding))

    with pytest.raises(BadResponseError):
        call("GET", "/")


@pytest.mark.parametrize("content_type", ["text/html", "application/json", ""])
def test_answer_that_is_no_json_is_refused(server: Server, call: Call, content_type: str) -> None:
    server.behave(answer(200, b"<html>", content_type=content_type))

    response = call("GET", "/")

    with pytest.raises(BadResponseError):
        response.json()


@pytest.mark.parametrize(
    "content_type", ["application/json; charset=utf-8", "application/problem+json"]
)
def test_json_has_more_than_one_name(server: Server, call: Call, content_type: str) -> None:
    server.behave(answer(200, b"[1]", content_type=content_type))

    assert call("GET", "/").json() == [1]


# Whom it talks to


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return a certificate for 127.0.0.1 that nobody has signed, with its key."""
    file = tmp_path_factory.mktemp("tls") / "certificate.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt"),
            *("ec_paramgen_curve:prime256v1", "-nodes", "-days", "1", "-subj", "/CN=test"),
            *("-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(file), "-out", str(file)),
        ],
        check=True,
        capture_output=True,
    )
    return str(file)


@pytest.fixture
def tls_server(certificate: str) -> Iterator[Server]:
    server = Server(certificate)
    yield server
    server.stop()


def test_server_that_nobody_vouches_for_gets_nothing(caller: Caller, tls_server: Server) -> None:
    call = caller.client(tls_server)

    with pytest.raises(UntrustedServerError):
        call("GET", "/")

    assert (tls_server.requests, tls_server.connections) == ([], 1)


def test_certificate_for_another_host_is_not_trusted(
    caller: Caller, tls_server: Server, certificate: str
) -> None:
    url = tls_server.url.replace("127.0.0.1", "localhost")
    call = caller.client(tls_server, base_url=url, ca_file=certificate)

    with pytest.raises(UntrustedServerError):
        call("GET", "/")


def test_authority_of_ones_own_can_be_trusted(
    caller: Caller, tls_server: Server, certificate: str
) -> None:
    call = caller.client(tls_server, ca_file=certificate)

    assert call("GET", "/").status == 200


@pytest.mark.parametrize(
    "path",
    [
        "http://elsewhere/",
        "//elsewhere/",
        "elsewhere",
        "",
        "@elsewhere/",
        "/\\elsewhere/",
        "/../admin",
        "/orders/%2E./admin",
        "/orders/..",
        "/orders?all=1",
        "/orders#1",
        "/two words",
        "/line\nbreak",
    ],
)
def test_what_is_no_path_below_the_base_url_is_refused(
    server: Server, call: Call, path: str
) -> None:
    with pytest.raises(ValueError, match="no path below"):
        call("GET", path)

    assert server.connections == 0


@pytest.mark.parametrize(
    "url",
    ["shop", "ftp://shop", "https://", "https://user:word@shop", "https://shop?a=1", "https://a#b"],
)
def test_base_url_is_a_place_only(url: str) -> None:
    with pytest.raises(ValueError, match="base URL of shop"):
        Upstream(name="shop", base_url=url)


def test_environment_sends_no_call_elsewhere(
    server: Server, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = Server()
    monkeypatch.setenv("HTTP_PROXY", proxy.url)
    monkeypatch.setenv("ALL_PROXY", proxy.url)

    call("GET", "/")

    proxy.stop()
    assert (len(server.requests), proxy.connections) == (1, 0)


# The breaker


def test_host_that_fails_is_left_alone_then_asked_with_one_call(
    caller: Caller, server: Server
) -> None:
    server.behave(answer(500))
    call = caller.client(server, breaker_failures=2, breaker_seconds=30)
    for _ in range(2):
        with pytest.raises(HttpUnavailableError):
            call("GET", "/")

    caller.now = 29
    with pytest.raises(CircuitOpenError) as caught:
        call("GET", "/")
    assert (len(server.requests), caught.value.retry_after) == (2, 1)

    caller.now = 30
    with pytest.raises(HttpUnavailableError):
        call("GET", "/")
    with pytest.raises(CircuitOpenError):
        call("GET", "/")
    assert len(server.requests) == 3

    caller.now = 60
    server.behave(answer(200))
    call("GET", "/")
    call("GET", "/")
    assert len(server.requests) == 5


def test_one_call_tries_while_others_are_refused(caller: Caller, server: Server) -> None:
    reached, proceed = threading.Event(), threading.Event()

    def wait(connection: Connection) -> None:
        reached.set()
        proceed.wait()
        answer()(connection)

    server.behave(answer(500), wait, answer())
    call = caller.client(server, breaker_failures=1)
    with pytest.raises(HttpUnavailableError):
        call("GET", "/")
    caller.now = 30

    with ThreadPoolExecutor(1) as threads:
        trying = threads.submit(call, "GET", "/")
        try:
            reached.wait()
            for _ in range(3):
                with pytest.raises(CircuitOpenError):
                    call("GET", "/")
        finally:
            proceed.set()

    assert trying.result().status == 200
    assert len(server.requests) == 2


def test_clients_of_one_host_share_what_they_know(caller: Caller, server: Server) -> None:
    server.behave(answer(500))
    with pytest.raises(HttpUnavailableError):
        caller.client(server, breaker_failures=1)("GET", "/")

    with pytest.raises(CircuitOpenError):
        caller.client(server, base_url=server.url + "/v2")("GET", "/")


@pytest.mark.parametrize("status", [404, 429])
def test_refusals_do_not_open_the_breaker(caller: Caller, server: Server, status: int) -> None:
    server.behave(answer(status))
    call = caller.client(server, breaker_failures=1, attempts=1)

    for count in (1, 2):
        with pytest.raises((HttpRefusedError, HttpUnavailableError)):
            call("GET", "/")
        assert len(server.requests) == count


def test_call_that_is_given_up_frees_the_way_for_the_next(caller: Caller, server: Server) -> None:
    """The one that tries is cancelled: what it would have found is not known."""
    server.behave(answer(500), lambda connection: connection.hang(), answer())
    client = caller.client(server, breaker_failures=1)
    with pytest.raises(HttpUnavailableError):
        client("GET", "/")
    caller.now = 30
    [used] = caller._clients

    async def give_up() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(used.arequest("GET", "/"), 0.1)

    asyncio.run(give_up())

    def answered() -> int | None:
        try:
            return client("GET", "/").status
        except CircuitOpenError:  # The loop has not heard of it yet.
            return None

    assert wait_for(answered, "the way to be free") == 200


# What is told


def test_log_tells_the_call_without_secrets(
    caller: Caller, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    call = caller.client(server, headers={"Authorization": "Bearer secret-1"})
    server.behave(answer(503), answer(200, b'{"a": "secret-2"}', set_cookie="secret-3"))

    with originating_from(Origin("request-1")):
        call(
            "PUT",
            "/orders/7",
            params={"token": "secret-4"},
            json={"card": "secret-5"},
            headers={"X-Key": "secret-6"},
        )

    [record] = caplog.records
    facts = {**record.call, "milliseconds": 0}
    assert facts == {
        "upstream": "shop",
        "method": "PUT",
        "path": "/orders/7",
        "status": 200,
        "error": None,
        "attempts": 2,
        "milliseconds": 0,
        "bytes": 17,
        "request_id": "request-1",
    }
    assert record.levelno == logging.INFO
    assert "secret" not in caplog.text


def test_log_tells_what_failed(
    server: Server, call: Call, caplog: pytest.LogCaptureFixture
) -> None:
    server.behave(answer(404))

    with pytest.raises(HttpRefusedError):
        call("GET", "/orders/8")

    [record] = caplog.records
    assert record.levelno == logging.WARNING
    assert (record.call["status"], record.call["error"]) == (404, "HttpRefusedError")
    told = json.loads(record.getMessage().removeprefix("call "))
    assert told == {
        "upstream": "shop",
        "method": "GET",
        "path": "/orders/8",
        "status": 404,
        "error": "HttpRefusedError",
        "attempts": 1,
        "milliseconds": record.call["milliseconds"],
        "bytes": record.call["bytes"],
    }


def test_blocking_call_is_refused_where_an_event_loop_runs(caller: Caller, server: Server) -> None:
    caller.client(server)
    [client] = caller._clients

    async def block() -> None:
        with pytest.raises(SynchronousOnlyOperation):
            client.request("GET", "/")

    asyncio.run(block())


FORK = """
import os, sys
from core.http.client import Client
from core.http.upstream import Upstream

client = Client(Upstream(name="shop", base_url=sys.argv[1]))
client.request("GET", "/parent")
child = os.fork()
client.request("GET", "/child" if child == 0 else "/parent")
if child == 0:
    os._exit(0)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def test_process_that_was_forked_calls_over_connections_of_its_own(server: Server) -> None:
    subprocess.run(
        [sys.executable, "-W", "ignore", "-c", FORK, server.url],
        env={**os.environ, "PYTHONPATH": str(Path(core.__file__).parents[1])},
        check=True,
        timeout=20,
    )

    assert sorted(request.target for request in server.requests) == ["/child", "/parent", "/parent"]
    assert server.connections == 2


def test_example_of_the_documents_works(server: Server) -> None:
    text = (Path(core.__file__).parents[2] / "ARCHITECTURE.md").read_text("utf-8")
    [example] = [
        part for part in re.findall(r"```python\n(.*?)```", text, re.DOTALL) if "rates" in part
    ]
    server.behave(answer(200, b'{"rate": "1.07"}'))
    names: dict[str, Any] = {}

    exec(example.replace("https://rates.example.com", server.url), names)  # noqa: S102 (of the documentation)

    assert names["rate_of"]("EUR") == "1.07"
    assert server.requests[0].target == "/v1/latest?currency=EUR"
    names["rates"].close()
