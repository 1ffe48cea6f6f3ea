"""The Redis cache makes a client once, not for every command."""

from django.core.cache import caches

from core.cache.redis import RedisCacheClient

# Nothing listens on port 1, and nothing is sent.
ADDRESS = "redis://127.0.0.1:1/0"


def test_commands_share_a_client():
    client = RedisCacheClient([ADDRESS])

    assert client.get_client("key") is client.get_client("other key", write=True)


def test_each_server_has_a_client_of_its_own():
    client = RedisCacheClient([ADDRESS, "redis://127.0.0.1:2/0"])

    assert client.get_client("key") is not client.get_client("key", write=True)


def test_cache_has_such_a_client(settings):
    settings.CACHES = {"default": {"BACKEND": "core.cache.redis.RedisCache", "LOCATION": ADDRESS}}

    assert type(caches["default"]._cache) is RedisCacheClient
