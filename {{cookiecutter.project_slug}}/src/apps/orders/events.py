"""What the shop tells other code, in the transaction that made it happen, and what follows.

A handler sends its mail itself: a task that it starts would be lost with the broker. The inbox lets
it try again until the mail server takes it.
"""

from decimal import Decimal
from typing import Any
from uuid import UUID

from django.dispatch import receiver

from apps.orders import services
from apps.orders.models import Order, Payment, Stock
from apps.orders.money import as_text
from apps.orders.signals import order_paid, order_placed, stock_low
from core.events.event import Event
from core.events.outbox import publish
from core.events.subscriptions import subscribe


class OrderPlaced(Event, name="order.placed", version=1):
    """A customer bought something; ``total`` has the decimals of the currency."""

    order_id: UUID
    customer_id: UUID
    total: Decimal
    currency: str


class OrderPaid(Event, name="order.paid", version=1):
    """An order was paid in full; ``amount`` has the decimals of the currency."""

    order_id: UUID
    payment_id: UUID
    amount: Decimal
    currency: str


class StockLow(Event, name="stock.low", version=1):
    """STOCK_LOW_QUANTITY pieces of a product or fewer are left, and there were more before."""

    product_id: UUID
    quantity: int


@receiver(order_placed)
def publish_order_placed(order: Order, **_: Any) -> None:
    event = OrderPlaced(
        order_id=order.pk,
        customer_id=order.customer_id,
        total=Decimal(as_text(order.total, order.currency)),
        currency=order.currency,
    )
    publish(event, aggregate=order)


@receiver(order_paid)
def publish_order_paid(order: Order, payment: Payment, **_: Any) -> None:
    event = OrderPaid(
        order_id=order.pk,
        payment_id=payment.pk,
        amount=Decimal(as_text(payment.amount, order.currency)),
        currency=order.currency,
    )
    publish(event, aggregate=order)


@receiver(stock_low)
def publish_stock_low(stock: Stock, **_: Any) -> None:
    publish(StockLow(product_id=stock.pk, quantity=stock.quantity), aggregate=stock)


@subscribe(OrderPlaced, atomic=False)
def send_confirmation(event: OrderPlaced) -> None:
    services.order_confirm(order_id=event.order_id)


@subscribe(OrderPaid)
def report_stock(event: OrderPaid) -> None:
    services.stock_report_write(order_id=event.order_id)


@subscribe(StockLow, atomic=False)
def alert_low_stock(event: StockLow) -> None:
    services.stock_alert(
        product_id=event.product_id, quantity=event.quantity, key=str(event.envelope.id)
    )
