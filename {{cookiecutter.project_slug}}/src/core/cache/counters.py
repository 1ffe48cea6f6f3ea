"""Counters that all processes raise together."""

from django.core.cache import cache, caches

from core.cache.redis import RedisCache


def raise_counter(key: str, former: str, *, seconds: int) -> tuple[int, int]:
    """Add 1 to the counter ``key`` in one step; return it, and the counter ``former``, or 0.

    Who asks the counter again within ``seconds`` finds it.
    """
    backend = caches["default"]
    if isinstance(backend, RedisCache):
        return backend.raise_counter(key, former, seconds=seconds)
    while True:
        try:
            count = int(cache.incr(key))
        except ValueError:  # There is no such counter, or no longer.
            cache.add(key, 0, timeout=seconds)
        else:
            cache.touch(key, seconds)
            return count, cache.get(former) or 0
