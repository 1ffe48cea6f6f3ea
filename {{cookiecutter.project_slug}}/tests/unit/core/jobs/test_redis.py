"""Celery's way to Redis."""

import kombu
import pytest

from core.jobs.redis import Transport


def test_channel_of_a_closed_connection_says_so() -> None:
    with kombu.Connection("redis://127.0.0.1:1/0", transport=Transport) as connection:
        transport = connection.transport
        channel = object.__new__(Transport.Channel)
        channel.connection = transport
        transport.client = None

        with pytest.raises(ConnectionError, match="closed"):
            channel._connparams()
