"""Connections that somebody else has ended: a restart of the server, a fail-over, a firewall."""

import time
from collections.abc import Callable
from typing import Any, TypeVar

from django.db import InterfaceError, OperationalError, connection

Result = TypeVar("Result")

# The first pause of ``insist``, doubled each time.
PAUSE_SECONDS = 0.05


def insist(write: Callable[[], Result], *, seconds: float) -> Result:
    """Return what ``write`` returns, called again where its connection is ended.

    For what must be noted of something that cannot be undone. ``write`` may have been done when its
    answer is lost, so doing it twice must do no harm.

    Args:
        seconds: how long to go on after the first call has failed; with 0 there is one more.

    Raises:
        InterfaceError, OperationalError: of the last call.
        RuntimeError: within a transaction, which the first failure has ended.
    """
    pause = PAUSE_SECONDS
    try:
        return write()
    except (InterfaceError, OperationalError):
        # What cut this one off may have cut every connection of this process.
        renew_connections()
    deadline = time.monotonic() + seconds
    while time.monotonic() + pause < deadline:
        try:
            return write()
        except (InterfaceError, OperationalError):
            time.sleep(pause)
            pause *= 2
            renew_connections()
    return write()


def renew_connections() -> None:
    """Let this thread ask for another connection, and the pool, where there is one, for all new ones.

    The pool would find its dead connections one by one and pause after each, longer every time, so
    that a few of them take longer than a request may wait:
    https://www.psycopg.org/psycopg3/docs/advanced/pool.html#connection-quality

    Raises:
        RuntimeError: within a transaction, which would be lost.
    """
    if connection.in_atomic_block:
        raise RuntimeError("A transaction is open: its connection cannot be renewed.")
    connection.close()
    pool: Any = getattr(connection, "pool", None)
    if pool is not None:
        pool.drain()
