"""Reads of the shop."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import Count, DecimalField, F, Max, Min, Prefetch, QuerySet, Sum

from apps.orders import rules
from apps.orders.models import Order, OrderLine, OrderStatus, Product, SalesReport
from apps.orders.money import as_text
from core.cache.selectors import cached

SALES_ROWS_MAX = 1000


@dataclass(frozen=True)
class PriceRange:
    """The prices in one currency, from the lowest to the highest."""

    currency: str
    lowest: Decimal
    highest: Decimal


@dataclass(frozen=True)
class CatalogueSummary:
    """What can be ordered, in figures; ``prices`` has a range for each currency that occurs."""

    products: int
    prices: list[PriceRange]


@cached(seconds=300)
def catalogue_summary() -> CatalogueSummary:
    """Return the catalogue in figures. What changes a product invalidates them."""
    figures = (
        product_list()
        .values("currency")
        .annotate(products=Count("pk"), lowest=Min("price"), highest=Max("price"))
        .order_by("currency")
    )
    return CatalogueSummary(
        products=sum(row["products"] for row in figures),
        prices=[PriceRange(row["currency"], row["lowest"], row["highest"]) for row in figures],
    )


@dataclass(frozen=True, kw_only=True)
class Sales:
    """What was sold: ``rows`` as ``sales_by_product`` has them, and whether those are all."""

    rows: list[dict[str, Any]]
    is_complete: bool


def product_list() -> QuerySet[Product]:
    """Return what can be ordered, each with ``available``: how many pieces are in stock."""
    return product_list_all().filter(is_active=True)


def product_list_all(*, with_deleted: bool = False) -> QuerySet[Product]:
    """Return the same for what can no longer be ordered, too; deleted products only if asked."""
    products = Product.all_objects if with_deleted else Product.objects
    return products.filter(stock__isnull=False).annotate(available=F("stock__quantity"))


def product_list_visible_to(*, user: AbstractBaseUser | AnonymousUser) -> QuerySet[Product]:
    """Return the products that ``user`` may see, with ``available``."""
    return rules.product_see.narrow(product_list_all(), user)


def order_list_visible_to(*, user: AbstractBaseUser) -> QuerySet[Order]:
    """Return the orders that ``user`` may see."""
    return rules.order_see.narrow(Order.objects.all(), user)


def order_details_visible_to(*, user: AbstractBaseUser) -> QuerySet[Order]:
    """Return the same orders with their lines and the lines' products."""
    return order_list_visible_to(user=user).prefetch_related(
        Prefetch("lines", OrderLine.objects.select_related("product").order_by("id"))
    )


def sales_report_list() -> QuerySet[SalesReport]:
    """Return all sales reports."""
    return SalesReport.objects.all()


def sales_by_product(*, first_day: date, last_day: date) -> Sales:
    """Return what was ordered in a period and is paid, per product and currency, with one query.

    Args:
        first_day: the first day of the period, in UTC.
        last_day: the last day of it.

    Returns:
        at most SALES_ROWS_MAX rows in JSON's types, those with the most pieces first: ``product``,
        ``sku`` and ``name`` of today, ``currency``, ``quantity`` and ``revenue``.
    """
    midnight = time(tzinfo=UTC)
    sold = (
        OrderLine.objects.filter(
            order__status=OrderStatus.PAID,
            order__created_at__gte=datetime.combine(first_day, midnight),
            order__created_at__lt=datetime.combine(last_day + timedelta(days=1), midnight),
        )
        .values("product_id", "product__sku", "product__name", "order__currency")
        .annotate(
            pieces=Sum("quantity"),
            revenue=Sum(
                F("quantity") * F("unit_price"),
                output_field=DecimalField(max_digits=30, decimal_places=2),
            ),
        )
        .order_by("-pieces", "product_id", "order__currency")
    )
    found = list(sold[: SALES_ROWS_MAX + 1])
    rows = [
        {
            "product": str(row["product_id"]),
            "sku": row["product__sku"],
            "name": row["product__name"],
            "currency": row["order__currency"],
            "quantity": row["pieces"],
            "revenue": as_text(row["revenue"], row["order__currency"]),
        }
        for row in found[:SALES_ROWS_MAX]
    ]
    return Sales(rows=rows, is_complete=len(found) <= SALES_ROWS_MAX)
