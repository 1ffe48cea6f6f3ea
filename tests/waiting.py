"""Waits for what comes about in other processes."""

import time
from collections.abc import Callable

POLL_SECONDS = 0.02


def await_true(condition: Callable[[], bool], *, seconds: float) -> None:
    """Return as soon as ``condition`` is true.

    Raises:
        AssertionError: if it is not within ``seconds``.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(POLL_SECONDS)
