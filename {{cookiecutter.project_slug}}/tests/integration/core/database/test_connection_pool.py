"""The pool after the database has ended all connections."""

import pytest
from django.db import OperationalError, connection

from core.database.connections import renew_connections
from tests.cuts import cut_all_connections, leave_idle_connections

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has no server"),
]


def test_none_of_its_dead_connections_is_tried():
    leave_idle_connections()
    with pytest.raises(OperationalError):
        cut_all_connections()
    found_dead = connection.pool.get_stats().get("connections_lost", 0)

    renew_connections()

    connection.ensure_connection()
    assert connection.is_usable()
    assert connection.pool.get_stats().get("connections_lost", 0) == found_dead
