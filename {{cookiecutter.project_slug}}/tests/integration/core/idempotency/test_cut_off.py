"""The database ends all connections in the middle of a request."""

import pytest
from django.db import connection

from tests.cuts import cut_all_connections, leave_idle_connections
from tests.integration.core.idempotency.urls import GroupView, made

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has no server"),
]

RED = {"name": "red"}


def test_request_may_be_tried_again_at_once(post):
    GroupView.then.append(cut_all_connections)
    leave_idle_connections()

    cut_off, again = post(RED), post(RED)

    assert (cut_off.status_code, again.status_code) == (500, 201)
    assert made() == ["red"]
