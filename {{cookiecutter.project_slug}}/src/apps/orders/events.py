"""What the shop tells other code, in the transaction that made it happen."""

from typing import Any

from django.dispatch import receiver

from apps.orders.models import Order
from apps.orders.signals import order_placed
from core.events.outbox import publish


@receiver(order_placed)
def publish_order_placed(order: Order, **_: Any) -> None:
    """Publish ``order.placed``: ids as text, the total as text with two decimals."""
    payload = {"order_id": order.pk, "customer_id": order.customer_id, "total": order.total}
    publish("order.placed", payload)
