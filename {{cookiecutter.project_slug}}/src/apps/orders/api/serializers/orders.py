"""Orders, as the API takes and gives them."""

from typing import Any, ClassVar

from rest_framework import serializers

from apps.orders.api.serializers.fields import AmountField, BoundedListField, WholeNumberField
from apps.orders.models import Order, OrderLine
from apps.orders.services import LINES_MAX, QUANTITY_MAX, RequestedLine
from core.api.sparse import SparseFieldsMixin


class OrderLineInput(serializers.Serializer[None]):
    """So many pieces of a product."""

    product = serializers.UUIDField()
    quantity = WholeNumberField(min_value=1, max_value=QUANTITY_MAX)


class OrderCreateInput(serializers.Serializer[None]):
    """What somebody orders."""

    lines = BoundedListField(child=OrderLineInput(), min_length=1, max_length=LINES_MAX)

    def requested_lines(self) -> list[RequestedLine]:
        """Return the lines as the service takes them, once the input is valid."""
        return [RequestedLine(**line) for line in self.validated_data["lines"]]


class OrderLineOutput(serializers.ModelSerializer[OrderLine]):
    """A line of an order, at the price that the product had then."""

    examples: ClassVar[dict[str, Any]] = {"sku": "SPOON-4", "name": "Spoons, set of 4"}

    sku = serializers.CharField(source="product.sku", read_only=True)
    name = serializers.CharField(source="product.name", read_only=True)
    unit_price = AmountField(currency="order.currency")

    class Meta:
        model = OrderLine
        fields = ("product", "sku", "name", "quantity", "unit_price")
        read_only_fields = fields


class OrderSummaryOutput(SparseFieldsMixin, serializers.ModelSerializer[Order]):
    """An order in a list."""

    total = AmountField()

    class Meta:
        model = Order
        fields = ("id", "customer", "status", "total", "currency", "created_at")
        read_only_fields = fields


class OrderOutput(SparseFieldsMixin, serializers.ModelSerializer[Order]):
    """An order with its lines."""

    total = AmountField()
    lines = OrderLineOutput(many=True, read_only=True)

    class Meta:
        model = Order
        fields = ("id", "customer", "status", "total", "currency", "created_at", "lines")
        read_only_fields = fields
