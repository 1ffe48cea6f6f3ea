"""What the API of the shop takes and gives.

Inputs check the form of what comes in; the rules are with the services.
"""

import re
from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.orders.models import (
    PRICE_MIN,
    Order,
    OrderLine,
    Payment,
    PaymentMethod,
    Product,
    sku_validator,
)
from apps.orders.services import LINES_MAX, QUANTITY_MAX, STOCK_MAX, RequestedLine


@extend_schema_field(
    {"type": "string", "pattern": r"^[0-9]{1,10}(\.[0-9]{1,2})?$", "examples": ["19.90"]}
)
class MoneyField(serializers.DecimalField):
    """An amount as text: a JSON number would be read as a binary fraction, which is not exact."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_digits=12, decimal_places=2, **options)

    def to_internal_value(self, data: Any) -> Decimal:
        if not isinstance(data, str) or not re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", data):
            self.fail("invalid")
        return super().to_internal_value(data)


class WholeNumberField(serializers.IntegerField):
    """An integer as JSON has them. DRF itself takes "3", 3.0 and true as well."""

    def to_internal_value(self, data: Any) -> int:
        if type(data) is not int:
            self.fail("invalid")
        return super().to_internal_value(data)


class BoundedListField(serializers.ListField):
    """A list whose length is checked before its items. DRF itself looks at a million items first."""

    def to_internal_value(self, data: Any) -> list[Any]:
        if isinstance(data, list):
            self.run_validators(data)
        return super().to_internal_value(data)


class ProductCreateInput(serializers.Serializer[None]):
    """A product for the catalogue, with what is in stock of it."""

    sku = serializers.CharField(max_length=40, validators=[sku_validator])
    name = serializers.CharField(max_length=200)
    price = MoneyField(min_value=PRICE_MIN)
    quantity = WholeNumberField(min_value=0, max_value=STOCK_MAX, default=0)


class ProductOutput(serializers.ModelSerializer[Product]):
    """A product that can be ordered."""

    available = serializers.IntegerField(read_only=True, help_text="Pieces in stock.")
    price = MoneyField(read_only=True)

    class Meta:
        model = Product
        fields = ("id", "sku", "name", "price", "available")
        read_only_fields = fields


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

    sku = serializers.CharField(source="product.sku", read_only=True)
    name = serializers.CharField(source="product.name", read_only=True)
    unit_price = MoneyField(read_only=True)

    class Meta:
        model = OrderLine
        fields = ("product", "sku", "name", "quantity", "unit_price")
        read_only_fields = fields


class OrderSummaryOutput(serializers.ModelSerializer[Order]):
    """An order in a list."""

    total = MoneyField(read_only=True)

    class Meta:
        model = Order
        fields = ("id", "customer", "status", "total", "created_at")
        read_only_fields = fields


class OrderOutput(serializers.ModelSerializer[Order]):
    """An order with its lines."""

    total = MoneyField(read_only=True)
    lines = OrderLineOutput(many=True, read_only=True)

    class Meta:
        model = Order
        fields = ("id", "customer", "status", "total", "created_at", "lines")
        read_only_fields = fields


class PaymentCreateInput(serializers.Serializer[None]):
    """A payment of all that is open; ``reference`` is the payer's own name for it."""

    amount = MoneyField(min_value=PRICE_MIN)
    method = serializers.ChoiceField(PaymentMethod.choices)
    reference = serializers.RegexField(r"^[A-Za-z0-9._:-]+\Z", max_length=100)


class PaymentOutput(serializers.ModelSerializer[Payment]):
    """Money that came in for an order."""

    amount = MoneyField(read_only=True)

    class Meta:
        model = Payment
        fields = ("id", "order", "amount", "method", "reference", "status", "created_at")
        read_only_fields = fields
