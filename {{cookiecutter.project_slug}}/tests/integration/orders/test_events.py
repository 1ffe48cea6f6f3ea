"""What the shop publishes."""

import pytest

from apps.orders import services
from apps.orders.errors import InsufficientStockError
from apps.orders.services import RequestedLine
from core.events.models import OutboxEvent
from tests.factories.orders import ProductFactory
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
    }


def test_order_that_is_refused_is_not_published():
    lines = [RequestedLine(product=ProductFactory(stock__quantity=0).pk, quantity=1)]

    with pytest.raises(InsufficientStockError):
        services.order_place(user=UserFactory(), lines=lines)

    assert not OutboxEvent.objects.exists()
