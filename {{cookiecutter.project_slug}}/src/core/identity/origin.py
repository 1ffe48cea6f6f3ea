"""Where what the running code does was asked for: by which request, from which address."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True)
class Origin:
    """The request at the beginning of what runs, be it the request itself or a task that it caused.

    ``request_id`` is empty outside of requests and tasks. ``remote_address`` is the caller's IP
    address; ``None`` for what the service does by itself.
    """

    request_id: str = ""
    remote_address: str | None = None


NOTHING_ASKED = Origin()
_origin: ContextVar[Origin] = ContextVar("origin", default=NOTHING_ASKED)


def current_origin() -> Origin:
    """Return where the running code was asked for."""
    return _origin.get()


@contextmanager
def originating_from(origin: Origin) -> Iterator[None]:
    """Run the block as part of what ``origin`` asked for."""
    token = _origin.set(origin)
    try:
        yield
    finally:
        _origin.reset(token)
