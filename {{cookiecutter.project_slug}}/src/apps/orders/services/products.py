"""Writes of the catalogue."""

from decimal import Decimal

from django.db import IntegrityError, transaction

from apps.orders.errors import (
    CurrencyDecimalsError,
    ProductNotDeletedError,
    SkuReusedError,
    SkuTakenError,
)
from apps.orders.models import Product, Stock
from apps.orders.money import DEFAULT_CURRENCY, fits
from apps.orders.selectors import catalogue_summary


@transaction.atomic
def product_create(
    *,
    sku: str,
    name: str,
    price: Decimal,
    currency: str = DEFAULT_CURRENCY,
    quantity: int = 0,
) -> Product:
    """Add a product to the catalogue, with ``quantity`` pieces (0 to STOCK_MAX) in stock.

    Raises:
        SkuTakenError: if there is a product with this SKU.
        CurrencyDecimalsError: if the price is finer than the currency is divided.
    """
    price_check(price=price, currency=currency)
    try:
        with transaction.atomic():
            product = Product.objects.create(sku=sku, name=name, price=price, currency=currency)
    except IntegrityError as error:
        if Product.objects.filter(sku=sku).exists():
            raise SkuTakenError(f"There is a product {sku} already.", field="sku") from error
        raise
    Stock.objects.create(product=product, quantity=quantity)
    catalogue_summary.invalidate()
    return product


@transaction.atomic
def product_update(
    *, product: Product, name: str | None = None, price: Decimal | None = None
) -> Product:
    """Change what is given; ``None`` leaves it as it is. What was ordered keeps its price.

    Raises:
        CurrencyDecimalsError: if the price is finer than the currency is divided.
        StaleRecordError: if the product was written since it was read.
    """
    if price is not None:
        price_check(price=price, currency=product.currency)
    given = {"name": name, "price": price}
    changes = {field: value for field, value in given.items() if value is not None}
    if changes:
        for field, value in changes.items():
            setattr(product, field, value)
        product.save(update_fields=changes)
        catalogue_summary.invalidate()
    return product


@transaction.atomic
def product_save(*, product: Product, is_new: bool) -> None:
    """Store a product as it is; one that is new gets a stock with no piece in it.

    Args:
        product: one that ``full_clean`` has nothing to say about.
        is_new: whether it was never stored.

    Raises:
        StaleRecordError: if the product was written since it was read.
        IntegrityError: if another product has its SKU.
    """
    product.save()
    if is_new:
        Stock.objects.create(product=product)
    catalogue_summary.invalidate()


@transaction.atomic
def product_delete(*, product: Product) -> None:
    """Take a product out of the catalogue. Orders still show it, and its SKU is free.

    Raises:
        StaleRecordError: if the product was written since it was read.
    """
    product.delete()
    catalogue_summary.invalidate()


@transaction.atomic
def product_restore(*, product: Product) -> Product:
    """Bring a deleted product back, with its stock.

    Raises:
        ProductNotDeletedError: if it is not deleted.
        SkuReusedError: if another product has its SKU by now.
        StaleRecordError: if the product was written since it was read.
    """
    if product.deleted_at is None:
        raise ProductNotDeletedError("This product is not deleted.")
    try:
        with transaction.atomic():
            # Of two with one SKU, the second waits here; in the index, MySQL may end both in a deadlock.
            twins = Product.all_objects.select_for_update().filter(sku=product.sku)
            list(twins.order_by("pk").values_list("pk"))
            product.restore()
    except IntegrityError as error:
        if Product.objects.filter(sku=product.sku).exists():
            raise SkuReusedError(f"Another product is {product.sku} now.") from error
        raise
    catalogue_summary.invalidate()
    return product


def price_check(*, price: Decimal, currency: str) -> None:
    """Raise CurrencyDecimalsError if ``price`` is finer than ``currency`` is divided."""
    if not fits(price, currency):
        raise CurrencyDecimalsError(
            f"{currency} is not divided as finely as {price}.", field="price"
        )
