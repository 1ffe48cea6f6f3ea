"""The life of an order, in one table."""

from collections.abc import Mapping
from enum import StrEnum

from apps.orders.errors import (
    OrderCancelledError,
    OrderNotPaidError,
    OrderPaidError,
    OrderRefundedError,
    PaymentPendingError,
)
from apps.orders.models import OrderStatus
from core.errors import ConflictError


class Action(StrEnum):
    """What can happen to an order. ``ACCEPT`` and ``DECLINE`` are the provider's answers."""

    PAY = "pay"
    ACCEPT = "accept"
    DECLINE = "decline"
    CANCEL = "cancel"
    REFUND = "refund"


TRANSITIONS: Mapping[tuple[str, Action], OrderStatus] = {
    (OrderStatus.PLACED, Action.PAY): OrderStatus.PAYING,
    (OrderStatus.PLACED, Action.CANCEL): OrderStatus.CANCELLED,
    (OrderStatus.PAYING, Action.ACCEPT): OrderStatus.PAID,
    (OrderStatus.PAYING, Action.DECLINE): OrderStatus.PLACED,
    (OrderStatus.PAID, Action.CANCEL): OrderStatus.REFUND_DUE,
    (OrderStatus.REFUND_DUE, Action.REFUND): OrderStatus.REFUNDED,
}

# Why nothing else can happen to an order, by its status.
REFUSALS: Mapping[str, tuple[type[ConflictError], str]] = {
    OrderStatus.PLACED: (OrderNotPaidError, "This order is not paid."),
    OrderStatus.PAYING: (PaymentPendingError, "A payment of this order is not settled yet."),
    OrderStatus.PAID: (OrderPaidError, "This order is paid."),
    OrderStatus.CANCELLED: (OrderCancelledError, "This order is cancelled."),
    OrderStatus.REFUND_DUE: (OrderCancelledError, "This order is cancelled."),
    OrderStatus.REFUNDED: (OrderRefundedError, "This order is refunded."),
}


def next_status(status: str, action: Action) -> OrderStatus:
    """Return the status of an order after ``action``.

    Raises:
        ConflictError: of the class that REFUSALS names, if an order of this status refuses it.
    """
    if following := TRANSITIONS.get((status, action)):
        return following
    error, message = REFUSALS[status]
    raise error(message)
