"""The life of an order: what can happen to it, and what it refuses."""

import pytest

from apps.orders.models import OrderStatus
from apps.orders.services.transitions import REFUSALS, TRANSITIONS, Action, next_status
from core.errors import ConflictError


def test_every_status_says_why_it_refuses():
    assert REFUSALS.keys() == set(OrderStatus)


@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize("status", OrderStatus)
def test_order_moves_as_the_table_says_or_not_at_all(status, action):
    if (status, action) in TRANSITIONS:
        assert next_status(status, action) == TRANSITIONS[status, action]
        return
    with pytest.raises(ConflictError) as refusal:
        next_status(status, action)
    assert refusal.type is REFUSALS[status][0]


def test_every_status_is_reached():
    assert {OrderStatus.PLACED, *TRANSITIONS.values()} == set(OrderStatus)
