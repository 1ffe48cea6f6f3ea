"""The rules of the catalogue and the stock."""

from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import IntegrityError

from apps.orders import errors, services
from apps.orders.models import Product, Stock
from core.errors import NotFoundError
from tests.factories.orders import ProductFactory

pytestmark = pytest.mark.django_db


def test_product_create_puts_pieces_into_stock():
    product = services.product_create(sku="CUP-300", name="Cup", price=Decimal("9.90"), quantity=7)

    product.refresh_from_db()
    assert (product.sku, product.name, product.price) == ("CUP-300", "Cup", Decimal("9.90"))
    assert product.is_active
    assert product.stock.quantity == 7


def test_product_create_refuses_an_sku_that_is_taken():
    ProductFactory(sku="CUP-300")

    with pytest.raises(errors.SkuTakenError) as refusal:
        services.product_create(sku="CUP-300", name="Cup", price=Decimal(1))

    assert refusal.value.field == "sku"
    assert Product.objects.count() == 1


def test_product_create_does_not_blame_the_sku_for_another_fault():
    with pytest.raises(IntegrityError):
        services.product_create(sku="CUP-300", name="Cup", price=Decimal(0))


@pytest.mark.parametrize(("change", "left"), [(5, 15), (-10, 0), (0, 10)])
def test_stock_adjust_adds_and_takes(change, left):
    product = ProductFactory()

    services.stock_adjust(product_id=product.pk, change=change)

    assert Stock.objects.get(product=product).quantity == left


def test_stock_adjust_refuses_to_take_more_than_there_is():
    product = ProductFactory()

    with pytest.raises(errors.InsufficientStockError, match="Only 10 are in stock"):
        services.stock_adjust(product_id=product.pk, change=-11)


def test_stock_adjust_refuses_more_than_stock_holds():
    product = ProductFactory()

    with pytest.raises(errors.StockLimitError):
        services.stock_adjust(product_id=product.pk, change=services.STOCK_MAX)


def test_stock_adjust_does_not_find_an_unknown_product():
    with pytest.raises(NotFoundError):
        services.stock_adjust(product_id=uuid4(), change=1)


def test_product_create_prices_in_euro_unless_told_otherwise():
    euro = services.product_create(sku="CUP-300", name="Cup", price=Decimal("9.90"))
    yen = services.product_create(sku="CUP-301", name="Cup", price=Decimal(1200), currency="JPY")

    assert (euro.currency, yen.currency) == ("EUR", "JPY")


def test_product_create_refuses_a_price_finer_than_the_currency():
    with pytest.raises(errors.CurrencyDecimalsError) as refusal:
        services.product_create(sku="CUP-300", name="Cup", price=Decimal("9.90"), currency="JPY")

    assert refusal.value.field == "price"
    assert not Product.objects.exists()
