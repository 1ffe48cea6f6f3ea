"""Fields that take what they describe, and nothing that merely looks like it."""

import re
from decimal import Decimal
from typing import Any

from django.db.models import Model
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.fields import get_attribute

from apps.orders.money import as_text


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


@extend_schema_field({"type": "string", "examples": ["19.90", "1200"]})
class AmountField(serializers.Field[Decimal, None, str, Model]):
    """An amount to read, as text with as many decimals as its currency has.

    Args:
        currency: where the row has the code of the currency, such as ``order.currency``.
    """

    def __init__(self, *, currency: str = "currency", **options: Any) -> None:
        super().__init__(read_only=True, **options)
        self.currency_attributes = currency.split(".")

    def get_attribute(self, instance: Model) -> str:  # type: ignore[override]
        amount: Decimal = get_attribute(instance, self.source_attrs)
        return as_text(amount, get_attribute(instance, self.currency_attributes))

    def to_representation(self, value: Any) -> str:
        return str(value)


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
