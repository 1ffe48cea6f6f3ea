"""Where what the running code does was asked for: by which request, from which address."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from ipaddress import ip_address, ip_network

# What is left of an address that people shall recognise a place by, in bits.
NETWORK_BITS = {4: 24, 6: 48}


@dataclass(frozen=True)
class Origin:
    """The request at the beginning of what runs, be it the request itself or a task that it caused.

    ``request_id`` is empty outside of requests and tasks. ``remote_address`` is the caller's IP
    address; ``None`` for what the service does by itself. ``user_agent`` is what the program that
    calls says of itself; tasks do not know it.
    """

    request_id: str = ""
    remote_address: str | None = None
    user_agent: str = ""

    @property
    def network(self) -> str:
        """The address without its last part: it tells a place, and no household. Empty without one."""
        if not self.remote_address:
            return ""
        address = ip_address(self.remote_address)
        network = ip_network((address, NETWORK_BITS[address.version]), strict=False)
        return str(network.network_address)


NOTHING_ASKED = Origin()
_origin: ContextVar[Origin] = ContextVar("origin", default=NOTHING_ASKED)


def current_origin() -> Origin:
    """Return where the running code was asked for."""
    return _origin.get()


@contextmanager
def originating_from(origin: Origin) -> Iterator[None]:
    """Run the block as part of what ``origin`` asked for."""
    token = _origin.set(origin)
    try:
        yield
    finally:
        _origin.reset(token)
