"""Reads of the shop."""

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import F, Prefetch, QuerySet

from apps.orders.models import Order, OrderLine, Product
from apps.users.selectors import user_is_administrator


def product_list() -> QuerySet[Product]:
    """Return what can be ordered, each with ``available``: how many pieces are in stock."""
    return Product.objects.filter(is_active=True, stock__isnull=False).annotate(
        available=F("stock__quantity")
    )


def order_list_visible_to(*, user: AbstractBaseUser) -> QuerySet[Order]:
    """Return the orders of ``user``; all orders, if that is an administrator."""
    if user_is_administrator(user=user):
        return Order.objects.all()
    return Order.objects.filter(customer_id=user.pk)


def order_details_visible_to(*, user: AbstractBaseUser) -> QuerySet[Order]:
    """Return the same orders with their lines and the lines' products."""
    return order_list_visible_to(user=user).prefetch_related(
        Prefetch("lines", OrderLine.objects.select_related("product").order_by("id"))
    )
