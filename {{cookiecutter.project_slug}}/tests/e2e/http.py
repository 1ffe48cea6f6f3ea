"""A client that speaks HTTP over a socket, and keeps cookies."""

import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any

TIMEOUT_SECONDS = 30


@dataclass(frozen=True)
class Answer:
    """What the server answered; headers are looked up whatever their case."""

    status_code: int
    headers: http.client.HTTPMessage
    content: bytes

    @property
    def text(self) -> str:
        return self.content.decode()

    def json(self) -> Any:
        return json.loads(self.content)


class Client:
    """Sends requests to a port of this machine, each over a connection of its own."""

    def __init__(self, port: int, headers: Mapping[str, str]) -> None:
        self.port = port
        self.headers = dict(headers)
        self.cookies: dict[str, str] = {}

    def get(self, path: str, **headers: str) -> Answer:
        return self.request("GET", path, headers=headers)

    def post(self, path: str, body: Any, **headers: str) -> Answer:
        """Send ``body`` as JSON."""
        return self.request(
            "POST",
            path,
            body=json.dumps(body).encode(),
            headers={"Content-Type": "application/json", **headers},
        )

    def request(
        self, method: str, path: str, *, body: bytes | None = None, headers: Mapping[str, str]
    ) -> Answer:
        """Send a request and return its answer, without following redirects.

        Raises:
            OSError: if nothing answers.
        """
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT_SECONDS)
        try:
            connection.request(method, path, body, self.request_headers() | dict(headers))
            return self.read(connection.getresponse())
        finally:
            connection.close()

    def request_headers(self) -> dict[str, str]:
        """Return what goes with every request."""
        pairs = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return self.headers | ({"Cookie": pairs} if pairs else {})

    def read(self, response: http.client.HTTPResponse) -> Answer:
        """Read ``response`` to its end, and keep its cookies."""
        for line in response.headers.get_all("Set-Cookie", []):
            for name, cookie in SimpleCookie(line).items():
                self.cookies[name] = cookie.value
        return Answer(response.status, response.headers, response.read())

    def answers(self) -> bool:
        """Tell whether the server answers at all."""
        try:
            return self.get("/live/").status_code == 200
        except OSError:
            return False
