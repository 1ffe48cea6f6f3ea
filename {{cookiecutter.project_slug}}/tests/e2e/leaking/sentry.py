"""A server that takes what is reported to Sentry, over HTTP."""

import gzip
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Reports:
    """What was sent to ``dsn``: ``items`` are the envelopes as text, without their heads.

    Those name the key of the DSN. https://develop.sentry.dev/sdk/data-model/envelopes/
    """

    def __init__(self, key: str, port: int) -> None:
        self.dsn = f"http://{key}@127.0.0.1:{port}/1"
        self.items: list[str] = []

    def of(self, kind: str) -> list[dict[str, Any]]:
        """Return what there is of a kind: ``event`` or ``transaction``."""
        found = []
        for text in self.items:
            lines = text.splitlines()
            items = zip(lines[::2], lines[1::2], strict=True)
            found += [json.loads(item) for head, item in items if json.loads(head)["type"] == kind]
        return found

    def event_of(self, request_id: str) -> dict[str, Any] | None:
        """Return the event that this request has caused, if it was reported; of several none."""
        found = [one for one in self.of("event") if tag_of(one, "request_id") == request_id]
        return found[0] if len(found) == 1 else None


def tag_of(event: dict[str, Any], name: str) -> str | None:
    value: str | None = event.get("tags", {}).get(name)
    return value


@contextmanager
def sentry(key: str) -> Iterator[Reports]:
    """Take reports, for which clients have ``key``, until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers["Content-Encoding"] == "gzip":
                body = gzip.decompress(body)
            reports.items.append(body.decode().partition("\n")[2])
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Keep the test's output quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    reports = Reports(key, server.server_port)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield reports
    server.shutdown()
    thread.join()
    server.server_close()
