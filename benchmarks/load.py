"""Asks a server over connections that are kept alive, and notes how long each answer takes.

It runs in this process alone, beside the server's: what it needs itself is in ``Load.client_share``.
"""

import itertools
import json
import re
import selectors
import socket
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

HOST = "127.0.0.1"
ANSWER_SECONDS = 60
RECEIVE_BYTES = 1 << 16
HEAD_END = b"\r\n\r\n"
CONTENT_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
LAST_CHUNK = b"\r\n0\r\n\r\n"


class LoadError(Exception):
    """The server does not answer as it should; the message says how it does."""


@dataclass(frozen=True)
class Question:
    """A request, as JSON and HTTP have it; ``body`` is ``None`` for none."""

    method: str
    path: str
    token: str
    body: object = None

    def encoded(self, host: str) -> bytes:
        """Return the bytes to send, as from the proxy that stands before the service."""
        body = b"" if self.body is None else json.dumps(self.body).encode()
        head = [
            f"{self.method} {self.path} HTTP/1.1",
            f"Host: {host}",
            "X-Forwarded-Proto: https",
            "Accept: application/json",
            f"Authorization: Bearer {self.token}",
        ]
        if body:
            head += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
        return "\r\n".join(head).encode() + HEAD_END + body


@dataclass
class Load:
    """What came of a round.

    Attributes:
        seconds: how long it took, on the wall.
        latencies: of the answers that came in time, in seconds, in the order in which they came.
        answers: how many came, with those that were under way at the end.
        client_share: how much of one core the client used.
    """

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    answers: int = 0
    client_share: float = 0.0

    @property
    def rate(self) -> float:
        """Answers per second."""
        return len(self.latencies) / self.seconds


class Connection:
    """One client, which waits for each answer before it asks again."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection((HOST, port), ANSWER_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sent = 0.0
        self.received = bytearray()

    def send(self, request: bytes) -> None:
        self.received.clear()
        self.sent = time.perf_counter()
        self.socket.sendall(request)

    def receive(self) -> bool:
        """Take what has arrived; return whether the answer is complete.

        Raises:
            LoadError: if the server has closed the connection.
        """
        data = self.socket.recv(RECEIVE_BYTES)
        if not data:
            raise LoadError(f"closed by the server after {bytes(self.received)!r}")
        self.received += data
        end = self.received.find(HEAD_END)
        if end < 0:
            return False
        length = CONTENT_LENGTH.search(self.received, 0, end)
        if length:
            return len(self.received) >= end + len(HEAD_END) + int(length[1])
        return self.received.endswith(LAST_CHUNK)

    @property
    def status(self) -> int:
        return int(self.received[9:12])


def run(
    port: int,
    requests: Iterable[bytes],
    *,
    status: int,
    clients: int = 1,
    seconds: float = float("inf"),
) -> Load:
    """Send ``requests`` one after the other over each of ``clients`` connections.

    Args:
        port: where the server listens on this machine.
        requests: shared by all clients; the round ends when there are no more.
        status: what every answer must have.
        clients: how many requests are under way at a time.
        seconds: how long requests are sent. An answer that comes later does not count.

    Raises:
        LoadError: at the first answer with another status, or none within ``ANSWER_SECONDS``.
    """
    waiting = iter(requests)
    load = Load()
    with selectors.DefaultSelector() as selector:
        connections = [Connection(port) for _ in range(clients)]
        cpu, started = time.process_time(), time.perf_counter()
        deadline = started + seconds
        try:
            for connection, request in zip(connections, waiting, strict=False):
                connection.send(request)
                selector.register(connection.socket, selectors.EVENT_READ, connection)
            for connection in answered(selector):
                now = time.perf_counter()
                if connection.status != status:
                    raise LoadError(f"expected {status}: {bytes(connection.received)!r}")
                load.answers += 1
                if now <= deadline:
                    load.latencies.append(now - connection.sent)
                request = next(waiting, None) if now < deadline else None
                if request is None:
                    selector.unregister(connection.socket)
                else:
                    connection.send(request)
            load.seconds = min(time.perf_counter() - started, seconds)
            load.client_share = (time.process_time() - cpu) / load.seconds
        finally:
            for connection in connections:
                connection.socket.close()
    if not load.latencies:
        raise LoadError(f"no answer within {seconds} s")
    return load


def answered(selector: selectors.BaseSelector) -> Iterator[Connection]:
    """Yield each connection whose answer is complete, as long as some are registered."""
    while selector.get_map():
        ready = selector.select(ANSWER_SECONDS)
        if not ready:
            raise LoadError(f"no answer within {ANSWER_SECONDS} s")
        for key, _ in ready:
            if key.data.receive():
                yield key.data


def encoded(questions: Iterable[Question], host: str) -> Iterator[bytes]:
    """Yield the bytes of ``questions`` over and over."""
    return itertools.cycle([question.encoded(host) for question in questions])
