"""`make demo CHECK=1` notices a service that does not do what a first user expects."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tools import demo
from tools.demo import DemoError

PRODUCTS = {"results": [{"id": "p1", "name": "Lamp"}]}


class Service:
    """A service that gives the ``answers``: (method, path) to (status, body)."""

    def __init__(self) -> None:
        self.answers = {
            ("GET", "/ready/"): (200, {}),
            ("POST", "/api/v1/auth/token/"): (200, {"access": "token"}),
            ("GET", "/api/v1/products/"): (200, PRODUCTS),
            ("POST", "/api/v1/orders/"): (201, {"id": "o1"}),
            ("GET", "/api/v1/orders/"): (200, {"results": [{"id": "o1"}]}),
        }
        self.asked: list[tuple[str, str, object, str | None]] = []
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                length = int(self.headers["Content-Length"] or 0)
                body = json.loads(self.rfile.read(length)) if length else None
                authorization = self.headers["Authorization"]
                service.asked.append((self.command, self.path, body, authorization))
                status, answer = service.answers[self.command, self.path]
                self.send_response(status)
                self.end_headers()
                self.wfile.write(json.dumps(answer).encode())

            do_POST = do_GET  # noqa: N815 (the name that http.server calls)

            def log_message(self, *_: object) -> None:
                """Keep the test's output quiet."""

        self.server = ThreadingHTTPServer((demo.HOST, 0), Handler)
        self.port = self.server.server_port
        self.base = f"http://{demo.HOST}:{self.port}"


@pytest.fixture
def service() -> Iterator[Service]:
    service = Service()
    thread = threading.Thread(target=service.server.serve_forever)
    thread.start()
    yield service
    service.server.shutdown()
    thread.join()
    service.server.server_close()


@pytest.fixture
def process() -> Iterator[subprocess.Popen[bytes]]:
    """A process that runs, and does nothing, until it is told to end."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        yield process
        process.kill()


def test_demo_signs_in_reads_products_and_orders_the_first_one(service):
    demo.use(service.base)

    assert service.asked == [
        (
            "POST",
            "/api/v1/auth/token/",
            {"email": "demo@example.com", "password": "demo-password"},
            None,
        ),
        ("GET", "/api/v1/products/", None, "Bearer token"),
        (
            "POST",
            "/api/v1/orders/",
            {"lines": [{"product": "p1", "quantity": 1}]},
            "Bearer token",
        ),
        ("GET", "/api/v1/orders/", None, "Bearer token"),
    ]


@pytest.mark.parametrize(
    ("question", "answer", "message"),
    [
        (("POST", "/api/v1/auth/token/"), (401, {"code": "no"}), "answered 401, not 200"),
        (("GET", "/api/v1/products/"), (200, {"results": []}), "the list of products is empty"),
        (("POST", "/api/v1/orders/"), (200, {"id": "o1"}), "answered 200, not 201"),
        (("GET", "/api/v1/orders/"), (200, {"results": []}), "order o1 is not in the list"),
    ],
)
def test_demo_fails_where_the_service_answers_otherwise(service, question, answer, message):
    service.answers[question] = answer

    with pytest.raises(DemoError, match=message):
        demo.use(service.base)


def test_demo_waits_until_the_service_is_ready(service, process):
    demo.await_ready(process, service.port)

    assert service.asked == [("GET", "/ready/", None, None)]


def test_demo_names_what_keeps_the_service_from_being_ready(service, process, monkeypatch):
    service.answers["GET", "/ready/"] = (503, {})
    monkeypatch.setattr(demo, "START_SECONDS", 0.1)

    with pytest.raises(DemoError, match="/ready/ answers 503"):
        demo.await_ready(process, service.port)


def test_demo_fails_at_once_when_the_server_ends(process):
    process.communicate(b"\n")

    with pytest.raises(DemoError, match="`make dev` ended with 0"):
        demo.await_ready(process, demo.free_port())


def test_demo_fails_while_something_still_listens(service, monkeypatch):
    monkeypatch.setattr(demo, "STOP_SECONDS", 0.1)

    with pytest.raises(DemoError, match=f"port {service.port} is still served"):
        demo.await_free(service.port)
