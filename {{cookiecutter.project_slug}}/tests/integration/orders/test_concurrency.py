"""What happens when people act at the same moment: real threads, real transactions."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from apps.orders import services
from apps.orders.errors import (
    InsufficientStockError,
    OrderCancelledError,
    PaymentReferenceTakenError,
)
from apps.orders.models import Order, OrderLine, OrderStatus, Payment, PaymentMethod, Stock
from apps.orders.services import RequestedLine
from core.errors import ApplicationError
from tests.factories.orders import OrderFactory, ProductFactory
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db(transaction=True)

DEADLINE_SECONDS = 60


def at_once(calls: Sequence[Callable[[], Any]]) -> list[Any]:
    """Run ``calls`` in threads of their own that start together.

    Returns what each returned, or the error with which the rules refused it. Whatever else is
    raised, such as a deadlock, is raised here.
    """
    start = Barrier(len(calls), timeout=DEADLINE_SECONDS)

    def run(call: Callable[[], Any]) -> Any:
        start.wait()
        try:
            return call()
        except ApplicationError as error:
            return type(error)
        finally:
            connection.close()

    # A pool may hold no more connections than a process has threads: four, unless told otherwise.
    connection.close()
    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(run, calls, timeout=DEADLINE_SECONDS))


def in_stock(product):
    return Stock.objects.get(product=product).quantity


def test_the_last_pieces_are_sold_once():
    cup = ProductFactory(stock__quantity=5)
    buyers = UserFactory.create_batch(8)

    def buy(buyer):
        lines = [RequestedLine(product=cup.pk, quantity=1)]
        return lambda: services.order_place(user=buyer, lines=lines)

    results = at_once([buy(buyer) for buyer in buyers])

    assert results.count(InsufficientStockError) == 3
    assert Order.objects.count() == OrderLine.objects.count() == 5
    assert in_stock(cup) == 0


def test_orders_of_the_same_products_in_any_order_do_not_wait_in_a_circle():
    products = ProductFactory.create_batch(3, stock__quantity=1000)
    lines = [RequestedLine(product=product.pk, quantity=1) for product in products]
    # Beginning with each product, forwards and backwards; some of them, and all.
    wanted = [
        part
        for first in range(len(lines))
        for turned in [lines[first:] + lines[:first]]
        for part in (turned, turned[::-1], turned[:2], turned[:2][::-1])
    ]
    buyers = UserFactory.create_batch(4)

    def buy(buyer, orders):
        def call():
            for order in orders:
                services.order_place(user=buyer, lines=order)

        return call

    at_once([buy(buyer, wanted[index:] + wanted[:index]) for index, buyer in enumerate(buyers)])

    assert Order.objects.count() == 4 * len(wanted)
    sold = 4 * sum(len(order) for order in wanted)
    assert sum(in_stock(product) for product in products) == 3 * 1000 - sold


def test_stock_is_adjusted_while_it_is_sold():
    cup = ProductFactory(stock__quantity=50)
    buyer = UserFactory()

    def buy():
        for _ in range(10):
            lines = [RequestedLine(product=cup.pk, quantity=1)]
            services.order_place(user=buyer, lines=lines)

    def adjust():
        for _ in range(10):
            services.stock_adjust(product_id=cup.pk, change=2)

    at_once([buy, adjust, buy, adjust])

    assert in_stock(cup) == 50 - 20 + 40


def test_an_order_is_cancelled_once():
    order = OrderFactory()
    product = order.lines.get().product

    def cancel():
        return services.order_cancel(user=order.customer, order_id=order.pk)

    results = at_once([cancel] * 4)

    assert results.count(OrderCancelledError) == 3
    assert results.count(order) == 1
    assert in_stock(product) == 12


def pay(order, reference):
    return lambda: services.order_pay(
        user=order.customer,
        order_id=order.pk,
        amount=order.total,
        method=PaymentMethod.CARD,
        reference=reference,
    )


def test_a_payment_that_is_sent_twice_pays_once():
    order = OrderFactory()

    results = at_once([pay(order, "payment-1")] * 4)

    assert results == [Payment.objects.get()] * 4


def test_a_reference_pays_one_of_two_orders():
    orders = OrderFactory.create_batch(2)

    results = at_once([pay(order, "payment-1") for order in orders])

    assert results.count(PaymentReferenceTakenError) == 1
    assert results.count(Payment.objects.get()) == 1
    assert Order.objects.filter(status=OrderStatus.PAID).count() == 1
