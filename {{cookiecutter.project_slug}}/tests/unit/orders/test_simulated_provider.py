"""The provider that moves no money."""

from decimal import Decimal

import pytest

from apps.orders.errors import ProviderUnavailableError
from apps.orders.providers import Charge, Outcome
from apps.orders.providers.simulated import SimulatedProvider


def charge(reference):
    return Charge(
        key="1", amount=Decimal("9.90"), currency="EUR", method="card", reference=reference
    )


@pytest.mark.parametrize(
    ("reference", "outcome"), [("payment-1", Outcome.ACCEPTED), ("decline-1", Outcome.DECLINED)]
)
def test_reference_decides(reference, outcome):
    provider = SimulatedProvider()

    assert provider.charge(charge(reference)) == outcome
    assert provider.refund(charge(reference)) == outcome


def test_reference_makes_it_unavailable():
    with pytest.raises(ProviderUnavailableError):
        SimulatedProvider().charge(charge("unavailable-1"))
