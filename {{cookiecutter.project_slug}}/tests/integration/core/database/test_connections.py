"""Connections that somebody else has ended are renewed where nothing is lost by it."""

import pytest

from core.database.connections import renew_connections


@pytest.mark.django_db
def test_connection_of_an_open_transaction_is_kept():
    with pytest.raises(RuntimeError, match="A transaction is open"):
        renew_connections()
