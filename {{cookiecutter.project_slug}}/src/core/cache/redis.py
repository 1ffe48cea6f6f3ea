"""Django's Redis cache, with a client that is kept.

Django makes a client for every command: each fills a table of some hundred callbacks, which takes
longer than the command. A client holds no connection, only the pool, and is safe for threads:
https://redis.readthedocs.io/en/stable/advanced_features.html#thread-safety
"""

from typing import Any

from django.core.cache.backends import redis


class RedisCacheClient(redis.RedisCacheClient):
    """Makes one client for each pool of connections."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._clients: dict[Any, Any] = {}

    def get_client(self, key: Any = None, *, write: bool = False) -> Any:  # noqa: ARG002 (as Django calls it)
        pool = self._get_connection_pool(write)  # type: ignore[attr-defined]
        if pool not in self._clients:
            self._clients[pool] = self._client(connection_pool=pool)  # type: ignore[attr-defined]
        return self._clients[pool]


class RedisCache(redis.RedisCache):
    """The backend for ``CACHES``."""

    def __init__(self, server: Any, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = RedisCacheClient

    def raise_counter(self, key: str, former: str, *, seconds: int) -> tuple[int, int]:
        """Add 1 to the counter ``key``; return it, and the counter ``former``: 0 if there is none.

        That is one message to Redis. Who asks the counter again within ``seconds`` finds it.
        """
        name, former_name = (self.make_and_validate_key(one) for one in (key, former))
        client = self._cache.get_client(name, write=True)
        with client.pipeline(transaction=False) as pipeline:
            pipeline.incr(name)
            pipeline.expire(name, seconds)
            pipeline.get(former_name)
            count, _, before = pipeline.execute()
        return int(count), int(before or 0)
