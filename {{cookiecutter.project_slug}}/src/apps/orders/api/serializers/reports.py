"""Sales reports, as the API takes and gives them."""

from datetime import date
from typing import Any, ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from rest_framework import serializers

from apps.orders.models import SalesReport
from apps.orders.money import Currency

# Days near the ends of the calendar are lost when a database turns them into its own zone.
DAY_VALIDATORS = [MinValueValidator(date(1970, 1, 1)), MaxValueValidator(date(9998, 12, 31))]


class SalesReportCreateInput(serializers.Serializer[None]):
    """The days to report on, the last one included, in UTC."""

    first_day = serializers.DateField(validators=DAY_VALIDATORS)
    last_day = serializers.DateField(validators=DAY_VALIDATORS)


class SalesReportRowOutput(serializers.Serializer[None]):
    """What was sold of a product in one currency."""

    examples: ClassVar[dict[str, Any]] = {
        "sku": "SPOON-4",
        "name": "Spoons, set of 4",
        "revenue": "79.60",
        "quantity": 4,
    }

    product = serializers.UUIDField()
    sku = serializers.CharField()
    name = serializers.CharField()
    currency = serializers.ChoiceField(Currency.choices)
    quantity = serializers.IntegerField()
    revenue = serializers.CharField(help_text="An amount, as its currency is written.")


class SalesReportOutput(serializers.ModelSerializer[SalesReport]):
    """A report: ``rows`` is empty until ``status`` is ``succeeded``."""

    rows = SalesReportRowOutput(many=True, read_only=True)
    is_complete = serializers.BooleanField(
        read_only=True, help_text="False where more products were sold than a report has rows."
    )

    class Meta:
        model = SalesReport
        fields = ("id", "first_day", "last_day", "status", "rows", "is_complete", "created_at")
        read_only_fields = fields
