"""The web server of an issuer: a process of its own, which publishes what its input tells it to.

It takes orders, one JSON object a line, and answers each with one. It ends when its input does.
"""

import json
import sys
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

DRIP_SECONDS = 0.05


@dataclass
class Page:
    """What a path answers.

    ``holds`` keeps clients waiting until the path is published anew. ``drips`` sends byte by byte.
    """

    body: str
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    holds: bool = False
    drips: bool = False
    replaced: Event = field(default_factory=Event)


pages: dict[str, Page] = {}
requests: Counter[str] = Counter()


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        requests[self.path] += 1
        page = pages.get(self.path, Page("{}", status=404))
        if page.holds:
            page.replaced.wait()
        with suppress(ConnectionError):  # A client may have given up by now.
            self.send_response(page.status)
            for name, value in page.headers.items():
                self.send_header(name, value)
            self.end_headers()
            body = page.body.encode()
            for start in range(0, len(body), 1 if page.drips else len(body)):
                self.wfile.write(body[start : start + 1] if page.drips else body)
                if page.drips:
                    Event().wait(DRIP_SECONDS)

    def log_message(self, *args: Any) -> None:
        """Print nothing: tests read what is printed."""


def main(port: int) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    Thread(target=server.serve_forever, daemon=True).start()
    answer({"port": server.server_port})
    for line in sys.stdin:
        order = json.loads(line)
        path = order.pop("path")
        if order:
            before = pages.get(path)
            pages[path] = Page(**order)
            if before:
                before.replaced.set()
        answer({"requests": requests[path]})


def answer(facts: dict[str, int]) -> None:
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]))
