"""A circuit breaker: leaves a host that fails alone, then asks with one call whether it is back.

https://learn.microsoft.com/en-us/azure/architecture/patterns/circuit-breaker
"""

from collections.abc import Callable

from core.http.errors import CircuitOpenError


class Breaker:
    """Closed while calls succeed, open after failures in a row, half-open while one call tries.

    All calls of a process run in one thread (``core.http.loop``), so nothing here needs a lock.
    """

    def __init__(self, *, failures: int, seconds: float, clock: Callable[[], float]) -> None:
        """Begin closed.

        Args:
            failures: in a row, after which it opens.
            seconds: for which it stays open before one call may try.
            clock: returns seconds that only grow.
        """
        self._limit = failures
        self._seconds = seconds
        self._clock = clock
        self._failures = 0
        self._opened_at: float | None = None
        self._is_trying = False

    def enter(self) -> bool:
        """Let a call begin, and return whether it is the one that tries.

        Raises:
            CircuitOpenError: with the seconds after which a call may try.
        """
        if self._opened_at is None:
            return False
        rest = self._opened_at + self._seconds - self._clock()
        if rest > 0 or self._is_trying:
            raise CircuitOpenError(
                "left alone after failures in a row; nothing was sent", retry_after=max(rest, 0)
            )
        self._is_trying = True
        return True

    def leave(self, *, is_trying: bool, is_good: bool | None) -> None:
        """End a call.

        Args:
            is_trying: what ``enter`` returned.
            is_good: whether the host works; ``None`` if the call does not tell.
        """
        if is_trying:
            self._is_trying = False
        elif self._opened_at is not None:
            return  # It began before the breaker opened: old news.
        if is_good:
            self._failures = 0
            self._opened_at = None
        elif is_good is not None:
            self._failures += 1
            if is_trying or self._failures >= self._limit:
                self._opened_at = self._clock()
