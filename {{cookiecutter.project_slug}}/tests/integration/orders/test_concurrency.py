"""What happens when people act at the same moment: real threads, real transactions."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.db.models import Sum

from apps.orders import services
from apps.orders.errors import (
    InsufficientStockError,
    OrderCancelledError,
    PaymentReferenceTakenError,
    SkuReusedError,
)
from apps.orders.models import (
    Order,
    OrderLine,
    OrderStatus,
    Payment,
    PaymentMethod,
    Product,
    Stock,
)
from apps.orders.services import RequestedLine, RequestedPayment
from core.audit.trail import entries_of
from core.errors import ApplicationError, ItemsRefusedError, StaleRecordError
from core.records.batch import Batch
from tests.factories.orders import OrderFactory, ProductFactory
from tests.factories.users import UserFactory

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

DEADLINE_SECONDS = 60
CLIENTS = 32


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


@pytest.fixture
def a_connection_for_each():
    """Let as many connections be open as there are clients, where a pool would keep them waiting."""
    pool = connection.settings_dict["OPTIONS"].get("pool", {})
    size = pool.get("max_size")
    if pool:
        connection.close()
        connection.close_pool()
        pool["max_size"] = CLIENTS
    yield
    if pool:
        connection.close()
        connection.close_pool()
        pool["max_size"] = size


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
    # Each sale tells what the one before it left.
    told = [entry.changes["quantity"] for entry in entries_of(Stock, cup.pk).order_by("id")]
    assert told == [[None, 5], [5, 4], [4, 3], [3, 2], [2, 1], [1, 0]]


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


def test_a_crowd_buys_no_more_than_there_is_and_nobody_waits_in_a_circle(a_connection_for_each):
    in_the_beginning = 20
    products = ProductFactory.create_batch(5, stock__quantity=in_the_beginning)
    buyers = UserFactory.create_batch(CLIENTS)

    def buy(number):
        # Three of the five, each client beginning elsewhere and half of them backwards.
        wanted = [products[(number + step) % 5] for step in (0, 1, 3)][:: 1 if number % 2 else -1]
        lines = [RequestedLine(product=product.pk, quantity=2) for product in wanted]
        return lambda: services.order_place(user=buyers[number], lines=lines)

    results = at_once([buy(number) for number in range(CLIENTS)])

    refused = results.count(InsufficientStockError)
    sold = OrderLine.objects.values("product").annotate(pieces=Sum("quantity"))
    assert 0 < refused < CLIENTS
    assert Order.objects.count() == CLIENTS - refused
    assert OrderLine.objects.count() == 3 * (CLIENTS - refused)
    assert {row["product"]: row["pieces"] for row in sold} == {
        product.pk: in_the_beginning - in_stock(product) for product in products
    }


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
    payment = RequestedPayment(
        amount=order.total,
        currency=order.currency,
        method=PaymentMethod.CARD,
        reference=reference,
    )
    return lambda: services.order_pay(user=order.customer, order_id=order.pk, payment=payment)


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


def test_of_two_who_change_the_same_product_one_wins():
    product = ProductFactory(name="Cup")
    read = [Product.objects.get(), Product.objects.get()]

    def rename(index):
        return lambda: services.product_update(product=read[index], name=f"Name {index}")

    results = at_once([rename(0), rename(1)])

    assert results.count(StaleRecordError) == 1
    product.refresh_from_db()
    assert (product.name, product.version) == (f"Name {results.index(product)}", 2)


def test_of_two_deleted_products_with_one_sku_one_is_restored():
    products = [ProductFactory(sku="CUP-300")]
    services.product_delete(product=products[0])
    products.append(ProductFactory(sku="CUP-300"))
    services.product_delete(product=products[1])

    def restore(product):
        return lambda: services.product_restore(product=product)

    results = at_once([restore(product) for product in products])

    assert results.count(SkuReusedError) == 1
    assert [Product.objects.get()] == [result for result in results if result in products]


def add(skus):
    items = [{"sku": sku, "name": "Cup", "price": Decimal(1), "quantity": 1} for sku in skus]
    return lambda: services.product_create_many(batch=Batch(items))


def test_the_same_products_in_opposite_orders_are_created_once():
    skus = [f"CUP-{number}" for number in range(50)]

    results = at_once([add(skus), add(skus[::-1])] * 2)

    assert results.count(ItemsRefusedError) == 3
    assert Product.objects.count() == Stock.objects.count() == 50


def rename(products, name):
    items = [{"id": product.pk, "name": name} for product in products]

    def call():
        for _ in range(5):
            services.product_update_many(batch=Batch(items))

    return call


def test_the_same_products_are_changed_in_opposite_orders_one_after_the_other():
    products = ProductFactory.create_batch(20)

    at_once([rename(products, "Cup"), rename(products[::-1], "Jug")] * 2)

    names = set(Product.objects.values_list("name", flat=True))
    assert names in ({"Cup"}, {"Jug"})


def test_products_are_changed_while_they_are_sold_in_opposite_order():
    products = ProductFactory.create_batch(20, stock__quantity=1000)
    lines = [RequestedLine(product=product.pk, quantity=1) for product in products]
    buyer = UserFactory()

    def buy():
        for _ in range(5):
            services.order_place(user=buyer, lines=lines[::-1])

    at_once([buy, rename(products, "Cup")] * 2)

    assert Order.objects.count() == 10
