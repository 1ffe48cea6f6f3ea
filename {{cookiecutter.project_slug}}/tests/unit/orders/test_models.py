"""What the database itself refuses, whoever writes."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
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
        (ProductFactory, "currency", "XXX"),
        (StockFactory, "quantity", -1),
        (OrderFactory, "total", Decimal(0)),
        (OrderFactory, "status", "lost"),
        (OrderFactory, "currency", "XXX"),
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


def test_forms_refuse_a_price_finer_than_the_currency():
    with pytest.raises(ValidationError) as refusal:
        ProductFactory.build(price=Decimal("9.90"), currency="JPY").full_clean()

    assert refusal.value.message_dict == {"price": ["JPY is not divided as finely as that."]}


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

    for delete in (product.hard_delete, payment.order.delete, payment.order.customer.delete):
        with pytest.raises(ProtectedError):
            delete()


def test_rows_name_themselves():
    payment = PaymentFactory(reference="payment-1")
    line = payment.order.lines.get()
    product = line.product

    assert str(product) == f"{product.sku} {product.name}"
    assert str(product.stock) == f"{product.pk}: 10"
    assert str(payment.order) == str(payment.order_id)
    assert str(line) == f"2 x {product.pk}"
    assert str(payment) == "payment-1"
