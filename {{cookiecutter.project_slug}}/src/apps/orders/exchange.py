"""What administrators may bring into the catalogue and take out of it."""

from django.db.models import QuerySet
from import_export.fields import Field
from import_export.widgets import IntegerWidget

from apps.orders.models import Product, Stock
from apps.users.selectors import user_is_administrator
from core.exchange.registry import register
from core.exchange.resources import ExchangeResource


class ProductResource(ExchangeResource):
    """The products, found by SKU. Those that are not in a file stay as they are.

    ``quantity`` tells what is in stock; an import leaves it alone.
    """

    quantity = Field(attribute="stock__quantity", widget=IntegerWidget(), readonly=True)

    class Meta:
        model = Product
        fields = ("sku", "name", "price", "is_active", "quantity")
        export_order = fields
        import_id_fields = ("sku",)

    def get_queryset(self) -> QuerySet[Product]:
        return Product.objects.select_related("stock")

    def do_instance_save(self, instance: Product, is_create: bool) -> None:  # noqa: FBT001
        instance.save()
        if is_create:
            Stock.objects.create(product=instance)


register("products", ProductResource, user_is_administrator)
