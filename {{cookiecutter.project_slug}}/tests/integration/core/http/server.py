"""A server that misbehaves in the ways that a test says."""

import gzip
import json
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from typing import Any

Behaviour = Callable[["Connection"], None]


class Connection:
    """A connection on which a request has come."""

    def __init__(self, connection: socket.socket, stopping: threading.Event) -> None:
        self.socket = connection
        self._stopping = stopping

    def send(self, content: bytes) -> None:
        self.socket.sendall(content)

    def drip(self, content: bytes) -> None:
        """Send byte by byte, 20 ms apart, as long as anybody reads."""
        for byte in content:
            self.send(bytes([byte]))
            if self._stopping.wait(0.02):
                return

    def hang(self) -> None:
        """Send nothing until the server stops."""
        self._stopping.wait()

    def reset(self) -> None:
        """Cut the connection so that the other side gets an error, not an end."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.end()

    def end(self) -> None:
        """Close the connection."""
        raise ConnectionAbortedError


def answer(
    status: int = 200, content: bytes = b"{}", *, length: int | None = None, **headers: str
) -> Behaviour:
    """Return what sends an answer; ``length`` may say something else than the truth."""

    def behave(connection: Connection) -> None:
        connection.send(head(status, len(content) if length is None else length, **headers))
        connection.send(content)

    return behave


def head(status: int, length: int | None, **headers: str) -> bytes:
    """Return status and headers, ``content_type`` being ``Content-Type``."""
    fields = {"content_type": "application/json"} | headers
    if length is not None:
        fields["content_length"] = str(length)
    lines = [f"HTTP/1.1 {status} Status"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in fields.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def endless(connection: Connection) -> None:
    """Send a body that does not end."""
    connection.send(head(200, None))
    while True:
        connection.send(b"x" * 65536)


def bomb(connection: Connection) -> None:
    """Send 16 MiB of zeros in 16 KiB."""
    answer(200, gzip.compress(bytes(16 * 1024 * 1024)), content_encoding="gzip")(connection)


class Request:
    """A request as it came."""

    def __init__(self, content: bytes, body: bytes) -> None:
        first, *lines = content.decode().splitlines()
        self.method, self.target, _ = first.split(" ")
        pairs = (line.partition(":") for line in lines)
        self.headers = {name.lower(): value.strip() for name, _, value in pairs}
        self.body = body

    def json(self) -> Any:
        return json.loads(self.body)


class Server:
    """Treats requests as the behaviours say, in their order; the last one stays."""

    def __init__(self, certificate: str | None = None) -> None:
        self.requests: list[Request] = []
        self.connections = 0
        self._behaviours: list[Behaviour] = [answer()]
        self._stopping = threading.Event()
        self._tls = None
        if certificate:
            self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._tls.load_cert_chain(certificate)
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    @property
    def url(self) -> str:
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self._socket.getsockname()[1]}"

    def behave(self, *behaviours: Behaviour) -> None:
        self._behaviours = list(behaviours)

    def stop(self) -> None:
        self._stopping.set()
        # It wakes who accepts, where closing alone does not.
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for connection in self._open:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._socket.accept()
                self.connections += 1
                self._open.append(connection)
                self._threads.append(threading.Thread(target=self._serve, args=(connection,)))
                self._threads[-1].start()

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError), closing(connection):
            if self._tls:
                connection = self._tls.wrap_socket(connection, server_side=True)
                self._open.append(connection)
            with closing(connection):
                for request in self._read(connection):
                    self.requests.append(request)
                    behaviour = self._behaviours[0]
                    if len(self._behaviours) > 1:
                        self._behaviours.pop(0)
                    behaviour(Connection(connection, self._stopping))

    def _read(self, connection: socket.socket) -> Iterator[Request]:
        with connection.makefile("rb") as stream:
            while True:
                lines: list[bytes] = []
                while (line := stream.readline()) != b"\r\n":
                    if not line:  # The other side is gone.
                        return
                    lines.append(line)
                request = Request(b"".join(lines), b"")
                request.body = stream.read(int(request.headers.get("content-length", 0)))
                yield request
