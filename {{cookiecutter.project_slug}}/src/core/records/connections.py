"""Connections that somebody else has ended: a restart of the server, a fail-over, a firewall."""

from typing import Any

from django.db import connection


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
