"""What follows when something happens in the shop."""

from typing import Any

from django.dispatch import receiver

from apps.orders.models import Order
from apps.orders.signals import order_placed
from apps.orders.tasks import orders_send_confirmation


@receiver(order_placed)
def send_confirmation(order: Order, **_: Any) -> None:
    """Tell the customer in the background, once the order is committed."""
    orders_send_confirmation.delay_on_commit(str(order.pk))
