"""Celery's way to Redis, mended where the worker would end when its broker does."""

from typing import Any

from kombu.transport import redis


class Channel(redis.Channel):
    """A channel that says so when its connection is closed already.

    When Redis goes away, a worker closes the connection it has lost. kombu then gives unacknowledged
    messages back over it, and where it is gone by that time ends with an AttributeError, which ends
    the worker. As an error of the connection it is passed over: the messages come back after the
    visibility timeout.
    """

    def _connparams(self, *args: Any, **kwargs: Any) -> Any:
        if self.connection.client is None:
            raise ConnectionError("The connection to the broker is closed.")
        return super()._connparams(*args, **kwargs)  # type: ignore[misc]


class Transport(redis.Transport):
    """kombu's transport, with the channel above."""

    Channel = Channel
