"""What was bought stays when the customer is erased, and names nobody."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core import mail
from django.db import transaction

from apps.orders.models import Order
from apps.orders.services import order_confirm, order_place
from apps.orders.services.orders import RequestedLine
from apps.users.services import account_erase
from core.errors import ForbiddenError
from tests.factories.orders import OrderFactory, StockFactory
from tests.factories.users import UserFactory
from tests.integration.users.test_erasure_race import DEADLINE_SECONDS, beside


@pytest.mark.django_db
def test_an_open_order_stays_and_nobody_is_written_to() -> None:
    order = OrderFactory(confirmation_sent_at=None)

    account_erase(user_id=order.customer_id)
    order_confirm(order_id=order.pk)

    order.refresh_from_db()
    assert order.status == "placed"
    assert order.customer.is_erased
    assert mail.outbox == []


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_who_is_being_erased_places_no_order() -> None:
    user, stock = UserFactory(), StockFactory(quantity=5)
    lines = [RequestedLine(product=stock.product_id, quantity=1)]

    with ThreadPoolExecutor(1) as thread:
        with transaction.atomic():
            account_erase(user_id=user.pk)
            placed = beside(thread, lambda: order_place(user=user, lines=lines))
        with pytest.raises(ForbiddenError):
            placed.result(DEADLINE_SECONDS)

    assert not Order.objects.exists()
    stock.refresh_from_db()
    assert stock.quantity == 5


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_who_is_placing_an_order_is_erased_when_it_is_there() -> None:
    user, stock = UserFactory(), StockFactory(quantity=5)
    lines = [RequestedLine(product=stock.product_id, quantity=1)]

    with ThreadPoolExecutor(1) as thread:
        with transaction.atomic():
            order = order_place(user=user, lines=lines)
            erased = beside(thread, lambda: account_erase(user_id=user.pk))
        erased.result(DEADLINE_SECONDS)

    order.refresh_from_db()
    assert order.customer.is_erased
