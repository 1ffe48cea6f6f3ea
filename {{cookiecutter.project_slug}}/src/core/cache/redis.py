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
