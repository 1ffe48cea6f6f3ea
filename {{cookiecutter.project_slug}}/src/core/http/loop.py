"""One event loop in a thread of its own, in which all calls of a process run.

Whoever calls, a thread or a coroutine of whatever loop, hands over its call and waits. So there is
one pool of connections and one state of each breaker, which only this thread touches, and a
deadline that cuts a call wherever it stands: blocking sockets have none for a whole answer.
"""

import asyncio
import os
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

T = TypeVar("T")

_running: list[asyncio.AbstractEventLoop] = []
_starting = threading.Lock()


def submit(coroutine: Coroutine[Any, Any, T]) -> Future[T]:
    """Run ``coroutine`` in the loop, with the context variables of the caller."""
    return asyncio.run_coroutine_threadsafe(coroutine, _loop())


def _loop() -> asyncio.AbstractEventLoop:
    with _starting:
        if not _running:
            loop = asyncio.new_event_loop()
            threading.Thread(target=loop.run_forever, name="core.http", daemon=True).start()
            _running.append(loop)
        return _running[0]


def _forget() -> None:
    """Threads do not survive a fork, nor may the child use its parent's connections."""
    global _starting  # noqa: PLW0603 (it may have been held by a thread that is gone)
    _starting = threading.Lock()
    _running.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
