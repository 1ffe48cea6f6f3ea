"""What a sales report counts."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from apps.orders import selectors
from apps.orders.models import Order, OrderStatus
from tests.factories.orders import OrderFactory, OrderLineFactory, ProductFactory

pytestmark = pytest.mark.django_db

JANUARY = {"first_day": date(2026, 1, 1), "last_day": date(2026, 1, 31)}


def sell(product, quantity, price, *, at=datetime(2026, 1, 15, tzinfo=UTC), **order):
    """Have ``quantity`` pieces of a product sold, in an order that is paid."""
    order = OrderFactory(**({"status": OrderStatus.PAID, "lines": None} | order))
    OrderLineFactory(order=order, product=product, quantity=quantity, unit_price=Decimal(price))
    Order.objects.filter(pk=order.pk).update(created_at=at)


def test_pieces_and_revenue_are_summed_at_the_prices_of_then():
    cup = ProductFactory(sku="CUP-300", name="Cup", price=Decimal("9.90"))
    sell(cup, 2, "9.90")
    sell(cup, 3, "0.10")

    sales = selectors.sales_by_product(**JANUARY)

    assert sales.is_complete
    assert sales.rows == [
        {
            "product": str(cup.pk),
            "sku": "CUP-300",
            "name": "Cup",
            "currency": "EUR",
            "quantity": 5,
            "revenue": "20.10",
        }
    ]


def test_currencies_are_never_added_up():
    cup = ProductFactory()
    sell(cup, 2, "9.90")
    sell(cup, 1, "1200", currency="JPY")

    rows = selectors.sales_by_product(**JANUARY).rows

    assert [(row["currency"], row["revenue"]) for row in rows] == [
        ("EUR", "19.80"),
        ("JPY", "1200"),
    ]


@pytest.mark.parametrize(
    ("at", "counts"),
    [
        (datetime(2025, 12, 31, 23, 59, 59, tzinfo=UTC), False),
        (datetime(2026, 1, 1, tzinfo=UTC), True),
        (datetime(2026, 1, 31, 23, 59, 59, tzinfo=UTC), True),
        (datetime(2026, 2, 1, tzinfo=UTC), False),
    ],
)
def test_both_days_belong_to_the_period(at, counts):
    sell(ProductFactory(), 1, "9.90", at=at)

    assert bool(selectors.sales_by_product(**JANUARY).rows) is counts


@pytest.mark.parametrize("status", set(OrderStatus) - {OrderStatus.PAID})
def test_what_is_not_paid_is_not_sold(status):
    sell(ProductFactory(), 1, "9.90", status=status)

    assert selectors.sales_by_product(**JANUARY).rows == []


def test_report_that_would_be_too_long_names_what_sold_most(monkeypatch):
    monkeypatch.setattr(selectors, "SALES_ROWS_MAX", 2)
    for quantity in (1, 3, 2):
        sell(ProductFactory(), quantity, "9.90")

    sales = selectors.sales_by_product(**JANUARY)

    assert [row["quantity"] for row in sales.rows] == [3, 2]
    assert not sales.is_complete
