"""The service as a WSGI application that can stand still between its commit and its answer."""

import sys
from collections.abc import Callable, Iterable
from threading import Event
from typing import Any

from config import wsgi

HEADER = "X-Stand-Still"
SENTENCE = "Standing still before the answer."


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer, but a request with the header ``X-Stand-Still`` never."""
    response: Iterable[bytes] = wsgi.application(environ, start_response)
    if "HTTP_X_STAND_STILL" in environ:
        sys.stdout.write(f"{SENTENCE}\n")
        sys.stdout.flush()
        Event().wait()
    return response
