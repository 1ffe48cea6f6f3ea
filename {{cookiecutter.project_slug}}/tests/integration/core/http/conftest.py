"""A server that misbehaves, and clients of it."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from core.http.answers import Response
from core.http.client import Client, _breakers
from core.http.upstream import Upstream
from tests.integration.core.http.server import Server

# Long enough for a machine that is busy, where nothing is waited for.
PATIENT_SECONDS = 10.0


class Caller:
    """Calls a client, from code with or without an event loop, and counts the pauses it makes."""

    def __init__(self, *, is_async: bool) -> None:
        self.is_async = is_async
        self.pauses: list[float] = []
        self.now = 0.0
        self._clients: list[Client] = []

    def client(self, server: Server, **settings: Any) -> Callable[..., Response]:
        """Return what calls ``server``."""
        defaults: dict[str, Any] = {
            "name": "shop",
            "base_url": server.url,
            "read_seconds": PATIENT_SECONDS,
            "total_seconds": PATIENT_SECONDS,
        }
        client = Client(Upstream(**defaults | settings), clock=lambda: self.now, sleep=self._pause)
        self._clients.append(client)
        if self.is_async:
            return lambda *args, **options: asyncio.run(client.arequest(*args, **options))
        return client.request

    async def _pause(self, seconds: float) -> None:
        self.pauses.append(seconds)

    def close(self) -> None:
        for client in self._clients:
            client.close()


@pytest.fixture(params=["sync", "async"])
def caller(request: pytest.FixtureRequest) -> Iterator[Caller]:
    caller = Caller(is_async=request.param == "async")
    # A server of another test may have had the same port.
    _breakers.clear()
    yield caller
    caller.close()


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.stop()


@pytest.fixture
def call(caller: Caller, server: Server) -> Callable[..., Response]:
    """Return what calls the server patiently."""
    return caller.client(server)
