"""What the shop asks of whoever moves the money. The setting PAYMENT_PROVIDER says who that is."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from apps.orders.errors import PaymentsClosedError


class Outcome(StrEnum):
    """The provider's final answer."""

    ACCEPTED = "accepted"
    DECLINED = "declined"


@dataclass(frozen=True, kw_only=True)
class Charge:
    """Money to move: ``amount`` fits ``currency`` (ISO 4217); ``key`` is like no other charge's."""

    key: str
    amount: Decimal
    currency: str
    method: str
    reference: str


class PaymentProvider(Protocol):
    """Moves money, once per key: asked again under a key it gives its first answer again.

    Both methods raise ProviderUnavailableError when no final answer came, in good time. Then the
    money may have moved or not, and only asking again under the same key tells.
    """

    def charge(self, charge: Charge) -> Outcome:
        """Take the money from the customer."""

    def refund(self, charge: Charge) -> Outcome:
        """Give all of an accepted charge back."""


def payment_provider() -> PaymentProvider:
    """Return the provider that PAYMENT_PROVIDER names.

    Raises:
        PaymentsClosedError: if it names none.
    """
    if not settings.PAYMENT_PROVIDER:
        raise PaymentsClosedError("No payments are taken: PAYMENT_PROVIDER names no provider.")
    provider: PaymentProvider = import_string(settings.PAYMENT_PROVIDER)()
    return provider
