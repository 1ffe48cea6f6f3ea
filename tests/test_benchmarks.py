"""`make bench` measures what it says. How long things take is asserted nowhere."""

import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from benchmarks import load, service
from benchmarks.load import LoadError, Question
from benchmarks.table import Line, at_least, at_most, median_ratio, percentile, table
from tests.programs import missing
from tools import servers

HOST = "api.example.com"
ENDPOINT_FIGURES = (
    "requests/s",
    "p50, ms",
    "p99, ms",
    "CPU of the workers, ms/request",
    "CPU of the client, cores",
    "queries",
)
# What the service asks its database, and a bare project with the same view.
QUERIES = {"users/me": ("2", "2"), "order list": ("3", "3"), "order placement": ("16", "9")}
BULK_QUERIES = ("8 / 8 / 8", "7")
LAGS = ("lag p50, s", "lag p95, s")
OUT_OF_ORDER = "200 queued, handled out of order"
WORKED = "effects done / events handled by 60 tasks"
PAGE = "page 100 against page 1, {}, p50, ms"
PLANS = {
    "-id": r"Limit < Index Scan orders_order using orders_order_pkey",
    "-created_at": r"Limit < .*Index Scan orders_order using orders_order_created_at",
    "created_at": r"Limit < .*Index Scan orders_order using orders_order_created_at",
}


@pytest.fixture
def paths() -> list[str]:
    """What the server of ``port`` was asked for."""
    return []


@pytest.fixture
def port(paths: list[str]) -> Iterator[int]:
    """A server whose answers have the status that their path names, in one piece or in chunks."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            paths.append(self.path)
            _, status, form = self.path.split("/")
            self.send_response(int(status))
            if form == "chunked":
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
                self.wfile.write(b"3\r\n{}\n\r\n0\r\n\r\n")
            else:
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

        def log_message(self, *_: object) -> None:
            """Keep the test's output quiet."""

    server = ThreadingHTTPServer((load.HOST, 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("form", ["whole", "chunked"])
def test_every_request_is_sent_once_and_timed(form, port, paths):
    requests = [Question("GET", f"/200/{form}", "token").encoded(HOST)] * 7

    done = load.run(port, requests, status=200, clients=3)

    assert paths == [f"/200/{form}"] * 7
    assert done.answers == len(done.latencies) == 7


def test_more_clients_than_requests_are_no_harm(port, paths):
    load.run(port, [Question("GET", "/200/whole", "token").encoded(HOST)], status=200, clients=3)

    assert paths == ["/200/whole"]


def test_answer_with_another_status_ends_the_round(port):
    requests = [Question("GET", path, "token").encoded(HOST) for path in ("/200/a", "/429/a")]

    with pytest.raises(LoadError, match=r"^expected 200: b'HTTP/1\.1 429"):
        load.run(port, requests, status=200)


def test_percentiles_and_ratios():
    assert percentile(range(1, 101), 50) == 51
    assert percentile(range(1, 101), 99) == 100
    assert median_ratio([2, 9, 4], [1, 1, 1]) == 4


def test_table_tells_what_was_met():
    lines = [
        at_least("fast", "8", "10", 0.8, 0.8),
        at_most("large", "13", "10", 1.3, 1.2),
        Line("counted", "2", "3"),
    ]

    assert table(lines).splitlines() == [
        "         measured  baseline  ratio  budget",
        "fast            8        10   0.80  >= 0.8  met",
        "large          13        10   1.30  <= 1.2  missed",
        "counted         2         3",
    ]


def test_missing_postgresql_is_named(monkeypatch, capsys):
    monkeypatch.setenv("MATRIX_POSTGRESQL_URL", "postgres://root@127.0.0.1:1/postgres")

    assert service.main(["--tiny"]) == 1
    assert "PostgreSQL does not answer at 127.0.0.1:1: " in capsys.readouterr().err


@pytest.mark.minutes
def test_service_is_measured(capsys):
    """With few rows and short rounds: what is counted is exact, what is timed is there."""
    if absent := servers.missing({"PostgreSQL", "Redis"}):
        missing(" and ".join(absent), "start it")

    code = service.main(["--tiny"])

    printed = capsys.readouterr()
    assert code == 0, printed.err
    _, _, *rows = printed.out.splitlines()
    found = {cells[0]: cells[1:] for cells in (re.split(r"  +", row.strip()) for row in rows)}
    figures = [f"{name}, {figure}" for name in QUERIES for figure in ENDPOINT_FIGURES]
    plans = [
        next(row for row in found if re.fullmatch(f"read by {PLANS[key]}", row)) for key in PLANS
    ]
    pages = [
        text for key, plan in zip(PLANS, plans, strict=True) for text in (PAGE.format(key), plan)
    ]
    assert list(found) == [
        *figures,
        "memory per worker, MB",
        *dict.fromkeys(pages),
        "bulk of 1 / 2 / 20 products against one product, queries",
        "bulk of 20 against 20 posts, s",
        *(f"base task, {what}, µs" for what in ("send", "run", "send and run")),
        "events relayed/s",
        "CPU of the relay, µs/event",
        "event handled, queries",
        *(f"200 queued, {what}" for what in ("handled/s", *LAGS)),
        OUT_OF_ORDER,
        *(f"10 events/s, {lag}" for lag in LAGS),
        WORKED,
        "memory after 20 / 60 tasks, MB",
        "growth of the memory",
    ]
    assert {name: tuple(found[f"{name}, queries"]) for name in QUERIES} == QUERIES
    bulk_queries = found["bulk of 1 / 2 / 20 products against one product, queries"]
    assert bulk_queries == [*BULK_QUERIES, "constant", "met"]
    assert found["event handled, queries"] == ["8", "2"]
    assert found[OUT_OF_ORDER][0] == "0"
    assert found[OUT_OF_ORDER][-2:] == ["none", "met"]
    assert found[WORKED] == ["6 / 6"]
