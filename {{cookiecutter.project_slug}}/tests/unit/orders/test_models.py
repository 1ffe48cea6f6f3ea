"""What the database itself refuses, whoever writes."""

from decimal import Decimal

import pytest
from django.db import IntegrityError
from django.db.models import ProtectedError

from tests.factories.orders import (
    OrderFactory,
    OrderLineFactory,
    PaymentFactory,
    ProductFactory,
    StockFactory,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("factory", "field", "value"),
    [
        (ProductFactory, "price", Decimal(0)),
        (ProductFactory, "price", Decimal("-0.01")),
        (StockFactory, "quantity", -1),
        (OrderFactory, "total", Decimal(0)),
        (OrderFactory, "status", "lost"),
        (OrderLineFactory, "quantity", 0),
        (OrderLineFactory, "unit_price", Decimal(0)),
        (PaymentFactory, "amount", Decimal(0)),
        (PaymentFactory, "method", "promise"),
        (PaymentFactory, "status", "lost"),
    ],
)
def test_value_is_refused(factory, field, value):
    with pytest.raises(IntegrityError):
        factory(**{field: value})


def test_sku_is_there_once():
    ProductFactory(sku="CUP-300")

    with pytest.raises(IntegrityError):
        ProductFactory(sku="CUP-300")


def test_order_has_one_line_of_a_product():
    line = OrderLineFactory()

    with pytest.raises(IntegrityError):
        OrderLineFactory(order=line.order, product=line.product)


def test_payment_reference_is_there_once():
    PaymentFactory(reference="payment-1")

    with pytest.raises(IntegrityError):
        PaymentFactory(reference="payment-1")


def test_what_was_sold_or_paid_cannot_be_deleted():
    payment = PaymentFactory()
    product = payment.order.lines.get().product

    for row in (product, payment.order, payment.order.customer):
        with pytest.raises(ProtectedError):
            row.delete()


def test_rows_name_themselves():
    payment = PaymentFactory(reference="payment-1")
    line = payment.order.lines.get()
    product = line.product

    assert str(product) == f"{product.sku} {product.name}"
    assert str(product.stock) == f"{product.pk}: 10"
    assert str(payment.order) == str(payment.order_id)
    assert str(line) == f"2 x {product.pk}"
    assert str(payment) == "payment-1"
