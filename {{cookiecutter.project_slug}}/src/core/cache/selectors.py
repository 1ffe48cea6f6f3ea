"""Selectors whose results are kept in the cache until a service says that they have changed."""

import logging
import time
from collections.abc import Callable
from functools import update_wrapper
from hashlib import sha256
from typing import Generic, ParamSpec, TypeVar
from uuid import uuid4

from django.conf import settings
from django.core.cache import cache
from django.db import connection, transaction

# For so long after its time a value is still shown to others while one caller makes it anew.
STALE_SECONDS = 60
# For so long they wait where there is none to show; then they make one themselves.
WAIT_SECONDS = 2.0
POLL_SECONDS = 0.02
# When another caller may take the place of one that died while it made a value.
LOCK_SECONDS = 30

P = ParamSpec("P")
T = TypeVar("T")

logger = logging.getLogger(__name__)


def cached(*, seconds: int) -> Callable[[Callable[P, T]], "CachedSelector[P, T]"]:
    """Keep what the decorated selector returns for ``seconds``, for all callers alike.

    So all that a result depends on must be an argument, the user too. Arguments are keywords of
    types whose ``repr`` tells values apart, such as texts, numbers and UUIDs; results are plain
    data that ``pickle`` takes.

    A service that changes what the selector reads calls its ``invalidate()``. One caller makes a
    value anew; others get the one before it, which is at most STALE_SECONDS too old, or wait for
    the new one. A cache that is away costs a second and a line in the log, and the value is made.
    Within a transaction, which may see what others must not, the selector reads for itself.
    """

    def decorate(selector: Callable[P, T]) -> CachedSelector[P, T]:
        return CachedSelector(selector, seconds=seconds)

    return decorate


class CachedSelector(Generic[P, T]):
    """A selector with its results. Values carry the name of a generation, which invalidating ends:
    one that somebody has read before the change, and keeps after it, is found by nobody.
    """

    def __init__(self, selector: Callable[P, T], *, seconds: int) -> None:
        update_wrapper(self, selector)
        self._selector = selector
        self._seconds = seconds
        self._name = f"{selector.__module__}.{selector.__qualname__}"

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> T:
        if connection.in_atomic_block:
            return self._selector(*args, **kwargs)
        try:
            key = self._key(kwargs)
            found, must_make = self._look(key)
            if found is None and not must_make:
                found, must_make = self._wait(key)
        except Exception as error:  # noqa: BLE001 (each backend raises its own kind)
            self._report(error)
            return self._selector(*args, **kwargs)
        if found is not None and not must_make:
            return found[0]
        return self._make(key, *args, **kwargs)

    def invalidate(self) -> None:
        """Forget all results, once the open transaction is committed; at once without one.

        If the cache is away then, they last until their time is up.
        """
        # Once for all changes of a transaction.
        if not any(hook[1] == self._end_generation for hook in connection.run_on_commit):
            transaction.on_commit(self._end_generation, robust=True)

    def _end_generation(self) -> None:
        cache.set(self._generation_key, uuid4().hex, timeout=None)

    @property
    def _generation_key(self) -> str:
        return f"cached.{self._name}"

    def _key(self, arguments: dict[str, object]) -> str:
        """Return where the value for ``arguments`` is. Releases may keep different things."""
        generation = cache.get_or_set(self._generation_key, lambda: uuid4().hex, timeout=None)
        text = f"{generation} {settings.RELEASE} {sorted(arguments.items())}"
        return f"cached.{self._name}.{sha256(text.encode()).hexdigest()}"

    def _look(self, key: str) -> tuple[tuple[T] | None, bool]:
        """Return the value, in a tuple since it may be ``None``, and whether to make it anew."""
        found, is_fresh = self._find(key)
        if is_fresh or not cache.add(f"{key}.lock", 1, timeout=LOCK_SECONDS):
            return found, False
        found, is_fresh = self._find(key)  # Another caller may have made it in between.
        if is_fresh:
            cache.delete(f"{key}.lock")
        return found, not is_fresh

    def _find(self, key: str) -> tuple[tuple[T] | None, bool]:
        """Return the value, and whether its time is not up."""
        entry: tuple[T, float] | None = cache.get(key)
        return (None, False) if entry is None else (entry[:1], time.time() < entry[1])

    def _wait(self, key: str) -> tuple[tuple[T] | None, bool]:
        """Return what another caller makes, or that it takes too long or has failed."""
        deadline = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
            found, must_make = self._look(key)
            if found is not None or must_make:
                return found, must_make
        return None, True

    def _make(self, key: str, *args: P.args, **kwargs: P.kwargs) -> T:
        """Return a new value, and keep it. A failure leaves its place to the next caller."""
        entry: tuple[T, float] | None = None
        try:
            value = self._selector(*args, **kwargs)
            entry = (value, time.time() + self._seconds)
        finally:
            self._settle(key, entry)
        return value

    def _settle(self, key: str, entry: tuple[T, float] | None) -> None:
        try:
            if entry is not None:
                cache.set(key, entry, timeout=self._seconds + STALE_SECONDS)
            cache.delete(f"{key}.lock")
        except Exception as error:  # noqa: BLE001 (as above)
            self._report(error)

    def _report(self, error: Exception) -> None:
        logger.warning("The cache of %s is away: %s", self._name, type(error).__name__)
