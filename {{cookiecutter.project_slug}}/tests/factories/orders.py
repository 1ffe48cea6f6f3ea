"""Makes products, orders and payments, as the services would have left them."""

from datetime import date
from decimal import Decimal

import factory

from apps.orders.models import (
    Order,
    OrderLine,
    OrderStatus,
    Payment,
    PaymentMethod,
    PaymentStatus,
    Product,
    SalesReport,
    Stock,
)
from apps.orders.money import Currency
from tests.factories.users import UserFactory


class ProductFactory(factory.django.DjangoModelFactory[Product]):
    """A product at 9.90, 10 pieces in stock; ``stock__quantity=3`` for another number of them."""

    class Meta:
        model = Product
        skip_postgeneration_save = True

    sku = factory.Sequence(lambda number: f"CUP-{number}")
    name = factory.Sequence(lambda number: f"Cup {number}")
    price = Decimal("9.90")
    stock = factory.RelatedFactory("tests.factories.orders.StockFactory", "product")


class StockFactory(factory.django.DjangoModelFactory[Stock]):
    class Meta:
        model = Stock

    product = factory.SubFactory(ProductFactory, stock=None)
    quantity = 10


class OrderFactory(factory.django.DjangoModelFactory[Order]):
    """An order of two pieces at 9.90; ``lines=None`` for none."""

    class Meta:
        model = Order
        skip_postgeneration_save = True

    customer = factory.SubFactory(UserFactory)
    total = Decimal("19.80")
    currency = Currency.EUR
    lines = factory.RelatedFactory("tests.factories.orders.OrderLineFactory", "order")


class OrderLineFactory(factory.django.DjangoModelFactory[OrderLine]):
    class Meta:
        model = OrderLine

    order = factory.SubFactory(OrderFactory, lines=None)
    product = factory.SubFactory(ProductFactory)
    quantity = 2
    unit_price = Decimal("9.90")


class PaymentFactory(factory.django.DjangoModelFactory[Payment]):
    """The payment of a paid order."""

    class Meta:
        model = Payment

    order = factory.SubFactory(OrderFactory, status=OrderStatus.PAID)
    amount = factory.SelfAttribute("order.total")
    method = PaymentMethod.CARD
    reference = factory.Sequence(lambda number: f"payment-{number}")
    status = PaymentStatus.RECEIVED


class SalesReportFactory(factory.django.DjangoModelFactory[SalesReport]):
    """A report of January 2026 that is not computed yet."""

    class Meta:
        model = SalesReport

    first_day = date(2026, 1, 1)
    last_day = date(2026, 1, 31)
