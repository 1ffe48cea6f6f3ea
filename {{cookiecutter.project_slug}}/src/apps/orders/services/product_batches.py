"""Writes of many products at once: all of them, or none, with a fixed number of queries."""

from collections.abc import Collection
from decimal import Decimal
from typing import Any, NotRequired, TypedDict
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F

from apps.orders.errors import (
    CurrencyDecimalsError,
    DuplicateProductError,
    DuplicateSkuError,
    SkuTakenError,
    UnknownProductError,
)
from apps.orders.models import Product, Stock
from apps.orders.money import DEFAULT_CURRENCY
from apps.orders.selectors import catalogue_summary
from apps.orders.services.products import price_check
from core.errors import PreconditionFailedError, StaleRecordError
from core.records.batch import Batch
from core.records.bulk import create_rows, lock_rows, update_rows


class NewProduct(TypedDict):
    """What ``product_create`` takes."""

    sku: str
    name: str
    price: Decimal
    currency: NotRequired[str]
    quantity: int


class ProductChange(TypedDict):
    """What changes of the product ``id``."""

    id: UUID
    version: NotRequired[int]
    name: NotRequired[str]
    price: NotRequired[Decimal]


@transaction.atomic
def product_create_many(*, batch: Batch[NewProduct]) -> list[Product]:
    """Add products to the catalogue, and their pieces to the stock.

    Returns:
        the products in the order of the items, each with ``available``.

    Raises:
        ItemsRefusedError: with a SkuTakenError for an item whose SKU a product has, a
            DuplicateSkuError for one whose SKU an item before it has, and a CurrencyDecimalsError
            for a price that is finer than its currency is divided.
    """
    batch.refuse_repeated(
        lambda item: item["sku"],
        lambda item, before: DuplicateSkuError(f"Item {before} is {item['sku']}.", field="sku"),
    )
    _refuse_taken_skus(batch)
    for index, item in batch.items.items():
        currency = item.get("currency", DEFAULT_CURRENCY)
        _refuse_fine_price(batch, index, price=item["price"], currency=currency)
    batch.raise_refused()
    items = batch.items.values()
    products = [
        Product(
            sku=item["sku"],
            name=item["name"],
            price=item["price"],
            currency=item.get("currency", DEFAULT_CURRENCY),
        )
        for item in items
    ]
    try:
        with transaction.atomic():
            create_rows(sorted(products, key=lambda product: product.sku))
    except IntegrityError:
        _refuse_taken_skus(batch)
        batch.raise_refused()
        raise
    create_rows(
        [
            Stock(product=product, quantity=item["quantity"])
            for product, item in zip(products, items, strict=True)
        ]
    )
    catalogue_summary.invalidate()
    return _shown([product.pk for product in products])


@transaction.atomic
def product_update_many(*, batch: Batch[ProductChange]) -> list[Product]:
    """Change products. What an item does not name stays as it is.

    Returns:
        the products in the order of the items, each with ``available``.

    Raises:
        ItemsRefusedError: with an UnknownProductError for an item that names no product, a
            DuplicateProductError for one whose product an item before it names, a
            PreconditionFailedError for one whose ``version`` the product no longer has, and a
            CurrencyDecimalsError for a price that is finer than its currency is divided.
    """
    batch.refuse_repeated(
        lambda item: item["id"],
        lambda _, before: DuplicateProductError(f"Item {before} names it too.", field="id"),
    )
    products = _lock_products([item["id"] for item in batch.items.values()])
    for index, item in batch.items.items():
        product = products.get(item["id"])
        if product is None:
            batch.refuse(index, _unknown(item["id"], field="id"))
            continue
        try:
            product.require_version(item.get("version"))
        except StaleRecordError as error:
            batch.refuse(index, PreconditionFailedError(error.message, field="version"))
        product.name = item.get("name", product.name)
        product.price = item.get("price", product.price)
        _refuse_fine_price(batch, index, price=product.price, currency=product.currency)
    batch.raise_refused()
    update_rows(list(products.values()), ["name", "price"])
    catalogue_summary.invalidate()
    return _shown([item["id"] for item in batch.items.values()])


@transaction.atomic
def product_delete_many(*, batch: Batch[UUID]) -> None:
    """Take products out of the catalogue. Orders still show them, and their SKUs are free.

    Raises:
        ItemsRefusedError: with an UnknownProductError for an id that no product has, and a
            DuplicateProductError for one that is named before.
    """
    batch.refuse_repeated(
        lambda product_id: product_id,
        lambda _, before: DuplicateProductError(f"Item {before} names it too."),
    )
    products = _lock_products(batch.items.values())
    for index, product_id in batch.items.items():
        if product_id not in products:
            batch.refuse(index, _unknown(product_id))
    batch.raise_refused()
    Product.objects.filter(pk__in=products).delete()
    catalogue_summary.invalidate()


def _refuse_fine_price(batch: Batch[Any], index: int, *, price: Decimal, currency: str) -> None:
    try:
        price_check(price=price, currency=currency)
    except CurrencyDecimalsError as error:
        batch.refuse(index, error)


def _refuse_taken_skus(batch: Batch[NewProduct]) -> None:
    skus = [item["sku"] for item in batch.items.values()]
    taken = set(Product.objects.filter(sku__in=skus).values_list("sku", flat=True))
    for index, item in batch.items.items():
        if item["sku"] in taken:
            message = f"There is a product {item['sku']} already."
            batch.refuse(index, SkuTakenError(message, field="sku"))


def _lock_products(product_ids: Collection[UUID]) -> dict[UUID, Product]:
    return lock_rows(Product.objects.all(), product_ids)


def _unknown(product_id: UUID, *, field: str | None = None) -> UnknownProductError:
    return UnknownProductError(f"There is no product {product_id}.", field=field)


def _shown(product_ids: Collection[UUID]) -> list[Product]:
    found = Product.objects.filter(pk__in=product_ids).annotate(available=F("stock__quantity"))
    products = {product.pk: product for product in found}
    return [products[product_id] for product_id in product_ids]
