"""What the shop publishes."""

import pytest

from apps.orders import services
from apps.orders.errors import InsufficientStockError
from apps.orders.models import PaymentMethod
from apps.orders.services import RequestedLine, RequestedPayment
from core.events.models import OutboxEvent
from tests.factories.orders import OrderFactory, ProductFactory
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db


def test_order_placed_is_published_with_the_order():
    user, product = UserFactory(), ProductFactory()
    lines = [RequestedLine(product=product.pk, quantity=2)]

    order = services.order_place(user=user, lines=lines)

    event = OutboxEvent.objects.get()
    assert event.name == "order.placed"
    assert event.payload == {
        "order_id": str(order.pk),
        "customer_id": str(user.pk),
        "total": "19.80",
        "currency": "EUR",
    }


def test_order_that_is_refused_is_not_published():
    lines = [RequestedLine(product=ProductFactory(stock__quantity=0).pk, quantity=1)]

    with pytest.raises(InsufficientStockError):
        services.order_place(user=UserFactory(), lines=lines)

    assert not OutboxEvent.objects.exists()


def test_order_paid_is_published_with_the_payment_once():
    order = OrderFactory()

    requested = RequestedPayment(
        amount=order.total, currency="EUR", method=PaymentMethod.CARD, reference="payment-1"
    )

    payment, _again = (
        services.order_pay(user=order.customer, order_id=order.pk, payment=requested)
        for _ in range(2)
    )

    event = OutboxEvent.objects.get()
    assert event.name == "order.paid"
    assert event.payload == {
        "order_id": str(order.pk),
        "payment_id": str(payment.pk),
        "amount": "19.80",
        "currency": "EUR",
    }
