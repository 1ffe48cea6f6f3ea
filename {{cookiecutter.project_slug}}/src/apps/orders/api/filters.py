"""How lists of the shop are narrowed down."""

from datetime import UTC, datetime

from django.core.validators import MaxValueValidator, MinValueValidator
from django_filters import rest_framework as filters

from apps.orders.models import Order, OrderStatus

# Times near the ends of the calendar are lost when a database turns them into its own zone.
TIME_VALIDATORS = [
    MinValueValidator(datetime(1970, 1, 1, tzinfo=UTC)),
    MaxValueValidator(datetime(9999, 1, 1, tzinfo=UTC)),
]


class OrderFilter(filters.FilterSet):  # type: ignore[misc]
    """By status, and by when the order was placed: ISO 8601, such as 2026-01-31T12:00:00Z."""

    status = filters.ChoiceFilter(choices=OrderStatus.choices)
    created_after = filters.IsoDateTimeFilter(
        field_name="created_at",
        lookup_expr="gte",
        validators=TIME_VALIDATORS,
    )
    created_before = filters.IsoDateTimeFilter(
        field_name="created_at",
        lookup_expr="lt",
        validators=TIME_VALIDATORS,
    )

    class Meta:
        model = Order
        fields = ("status",)
