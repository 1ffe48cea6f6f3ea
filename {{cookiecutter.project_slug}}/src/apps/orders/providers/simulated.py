"""A provider that moves no money, for development and tests."""

from apps.orders.errors import ProviderUnavailableError
from apps.orders.providers import Charge, Outcome


class SimulatedProvider:
    """Accepts every charge, unless the reference begins with ``decline-`` or ``unavailable-``.

    It looks at nothing but the charge, so it gives the same answer however often it is asked.
    """

    def charge(self, charge: Charge) -> Outcome:
        if charge.reference.startswith("unavailable-"):
            raise ProviderUnavailableError("The provider does not answer. Send the same again.")
        return Outcome.DECLINED if charge.reference.startswith("decline-") else Outcome.ACCEPTED

    def refund(self, charge: Charge) -> Outcome:
        return self.charge(charge)
