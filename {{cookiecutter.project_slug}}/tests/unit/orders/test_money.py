"""Amounts and their currencies."""

from decimal import Decimal

import pytest

from apps.orders.money import DECIMALS, Currency, as_text, fits, total_of


def test_every_currency_says_how_finely_it_is_divided():
    assert DECIMALS.keys() == set(Currency)
    assert set(DECIMALS.values()) <= {0, 1, 2}  # What a column holds.


@pytest.mark.parametrize(
    ("amount", "currency", "expected"),
    [
        ("9.90", "EUR", True),
        ("9.9", "EUR", True),
        ("9.900", "EUR", True),
        ("9.901", "EUR", False),
        ("1200", "JPY", True),
        ("1200.00", "JPY", True),
        ("1200.50", "JPY", False),
    ],
)
def test_fits_tells_whether_a_currency_is_divided_so_finely(amount, currency, expected):
    assert fits(Decimal(amount), currency) is expected


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [("9.9", "EUR", "9.90"), ("0.10", "USD", "0.10"), ("1200.00", "JPY", "1200")],
)
def test_as_text_writes_the_decimals_of_the_currency(amount, currency, text):
    assert as_text(Decimal(amount), currency) == text


def test_as_text_never_rounds():
    with pytest.raises(ValueError, match=r"1200\.50 is no amount in JPY"):
        as_text(Decimal("1200.50"), "JPY")


def test_total_of_nothing_is_nothing():
    assert total_of([]) == 0
