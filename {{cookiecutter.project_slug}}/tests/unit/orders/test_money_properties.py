"""What holds for every amount: found examples are tried, not chosen ones."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.orders.models import AMOUNT_MAX
from apps.orders.money import DECIMALS, Currency, as_text, fits, total_of
from apps.orders.services import QUANTITY_MAX

# The same examples each time: a fault shows where it was made, not in somebody else's change.
steady = settings(derandomize=True, deadline=None, max_examples=50)
currencies = st.sampled_from(Currency)


def amounts(currency):
    """Amounts that can be paid in ``currency``, as a column for money holds them."""
    units = st.integers(1, int(AMOUNT_MAX.scaleb(DECIMALS[currency])))
    return units.map(lambda unit: Decimal(unit).scaleb(-DECIMALS[currency]))


priced = currencies.flatmap(lambda currency: st.tuples(st.just(currency), amounts(currency)))
orders = currencies.flatmap(
    lambda currency: st.tuples(
        st.just(currency),
        st.lists(
            st.tuples(amounts(currency), st.integers(1, QUANTITY_MAX)),
            min_size=1,
            max_size=20,
        ),
    )
)


@steady
@given(priced)
def test_amount_is_the_same_when_it_is_read_from_its_text(case):
    currency, amount = case

    text = as_text(amount, currency)

    assert Decimal(text) == amount
    assert len(text.partition(".")[2]) == DECIMALS[currency]


@steady
@given(priced, st.integers(1, 9), st.integers(1, 3))
def test_amount_finer_than_its_currency_does_not_fit(case, digit, places):
    currency, amount = case
    finer = amount + Decimal(digit).scaleb(-DECIMALS[currency] - places)

    assert not fits(finer, currency)
    with pytest.raises(ValueError, match="is no amount in"):
        as_text(finer, currency)


@steady
@given(orders)
def test_total_is_exact_to_the_smallest_unit(order):
    currency, lines = order
    decimals = DECIMALS[currency]

    total = total_of(lines)

    assert fits(total, currency)
    assert int(total.scaleb(decimals)) == sum(
        int(price.scaleb(decimals)) * quantity for price, quantity in lines
    )


@steady
@given(orders, st.randoms(use_true_random=False))
def test_total_does_not_depend_on_the_order_of_the_lines(order, random):
    _, lines = order
    shuffled = random.sample(lines, len(lines))

    assert total_of(shuffled) == total_of(lines)
