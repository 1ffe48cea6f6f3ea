"""Money: the currencies that the shop takes, and how finely each is divided."""

from collections.abc import Iterable
from decimal import Decimal

from django.db.models import TextChoices


class Currency(TextChoices):
    """Codes of ISO 4217. A column for money holds two decimals: none of these has more.

    https://www.iso.org/iso-4217-currency-codes.html
    """

    CHF = "CHF", "Swiss franc"
    EUR = "EUR", "Euro"
    GBP = "GBP", "Pound sterling"
    JPY = "JPY", "Yen"
    USD = "USD", "US dollar"


# What a product is priced in where nothing else is said.
DEFAULT_CURRENCY = Currency.EUR
# Digits behind the point, the exponents of ISO 4217.
DECIMALS = {
    Currency.CHF: 2,
    Currency.EUR: 2,
    Currency.GBP: 2,
    Currency.JPY: 0,
    Currency.USD: 2,
}


def fits(amount: Decimal, currency: str) -> bool:
    """Tell whether ``amount`` can be paid in ``currency``, as 0.50 in JPY cannot."""
    return amount == round(amount, DECIMALS[Currency(currency)])


def as_text(amount: Decimal, currency: str) -> str:
    """Return ``amount`` with as many decimals as ``currency`` has, such as 9.90 or 1200.

    Raises:
        ValueError: if that would round it.
    """
    decimals = DECIMALS[Currency(currency)]
    if amount != round(amount, decimals):
        raise ValueError(f"{amount} is no amount in {currency}.")
    return f"{amount:.{decimals}f}"


def total_of(prices: Iterable[tuple[Decimal, int]]) -> Decimal:
    """Return what so many pieces at these prices come to. Nothing is rounded: prices fit."""
    return sum((price * quantity for price, quantity in prices), Decimal(0))
