"""Payments, as the API takes and gives them."""

from typing import Any, ClassVar

from rest_framework import serializers

from apps.orders.api.serializers.fields import AmountField, MoneyField
from apps.orders.models import PRICE_MIN, Payment, PaymentMethod
from apps.orders.money import Currency
from apps.orders.services import RequestedPayment


class PaymentCreateInput(serializers.Serializer[None]):
    """A payment of all that is open; ``reference`` is the payer's own name for it."""

    examples: ClassVar[dict[str, Any]] = {"reference": "invoice-4711"}

    amount = MoneyField(min_value=PRICE_MIN)
    currency = serializers.ChoiceField(Currency.choices)
    method = serializers.ChoiceField(PaymentMethod.choices)
    reference = serializers.RegexField(r"^[A-Za-z0-9._:-]+\Z", max_length=100)

    def requested_payment(self) -> RequestedPayment:
        """Return the payment as the service takes it, once the input is valid."""
        return RequestedPayment(**self.validated_data)


class PaymentOutput(serializers.ModelSerializer[Payment]):
    """Money for an order."""

    examples: ClassVar[dict[str, Any]] = {"reference": "invoice-4711"}

    amount = AmountField(currency="order.currency")
    currency = serializers.ChoiceField(Currency.choices, source="order.currency", read_only=True)

    class Meta:
        model = Payment
        fields = (
            "id",
            "order",
            "amount",
            "currency",
            "method",
            "reference",
            "status",
            "created_at",
        )
        read_only_fields = fields
