"""What managers may bring into the catalogue and take out of it, and customers of their orders."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from import_export.fields import Field
from import_export.widgets import IntegerWidget

from apps.orders import rules, services
from apps.orders.models import Order, Product
from apps.orders.selectors import product_list_all
from core.exchange.models import Direction
from core.exchange.registry import register
from core.exchange.resources import ExchangeResource


class ProductResource(ExchangeResource):
    """The products, found by SKU. Those that are not in a file stay as they are.

    ``quantity`` tells what is in stock; an import leaves it alone.
    """

    quantity = Field(attribute="available", widget=IntegerWidget(), readonly=True)
    example: ClassVar = {
        "sku": "CUP-300",
        "name": "Cup 0.3 l",
        "price": "4.50",
        "currency": "EUR",
        "is_active": 1,
    }

    class Meta:
        model = Product
        fields = ("sku", "name", "price", "currency", "is_active", "quantity")
        export_order = fields
        import_id_fields = ("sku",)

    def visible_to(self, *, user: Any) -> QuerySet[Product]:  # noqa: ARG002 (the permission decides)
        return product_list_all()

    def do_instance_save(self, instance: Product, is_create: bool) -> None:  # noqa: FBT001
        services.product_save(product=instance, is_new=is_create)


class OrderResource(ExchangeResource):
    """The orders that the user may take out."""

    class Meta:
        model = Order
        fields = ("id", "status", "total", "currency", "created_at")
        export_order = fields

    def visible_to(self, *, user: Any) -> QuerySet[Order]:
        return rules.order_export.narrow(Order.objects.all(), user)


register("products", ProductResource, rules.product_exchange.is_for)
register("orders", OrderResource, rules.order_export.is_for, directions=[Direction.EXPORT])
