"""What is known of a service that is called."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import httpx


@dataclass(frozen=True, kw_only=True)
class Upstream:
    """Another service, and how much patience there is with it. Times are in seconds.

    ``base_url`` has a scheme, a host and perhaps a path. ``headers`` go with every call, such as
    ``Authorization``. ``ca_file`` names certificates (PEM) that are trusted besides the public ones.

    ``total_seconds`` bounds a call with all its tries and pauses; the other times a single step.
    A ``Retry-After`` above ``retry_after_max_seconds`` is left to the caller. ``max_bytes`` bounds
    the body of an answer, uncompressed. After ``breaker_failures`` in a row the host is left alone
    for ``breaker_seconds``; of several clients for one host, the first to call decides on these.
    ``logs_path`` is off where paths are nobody's business.
    """

    name: str
    base_url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    ca_file: str | None = None
    connect_seconds: float = 2
    read_seconds: float = 5
    write_seconds: float = 5
    pool_seconds: float = 1
    total_seconds: float = 15
    attempts: int = 3
    backoff_seconds: float = 0.2
    backoff_max_seconds: float = 5
    retry_after_max_seconds: float = 10
    max_bytes: int = 1024 * 1024
    max_connections: int = 20
    breaker_failures: int = 5
    breaker_seconds: float = 30
    logs_path: bool = True

    def __post_init__(self) -> None:
        url = httpx.URL(self.base_url)
        if url.scheme not in ("http", "https") or not url.host:
            raise ValueError(f"The base URL of {self.name} needs http:// or https:// and a host.")
        if url.userinfo or url.query or url.fragment:
            raise ValueError(
                f"The base URL of {self.name} has a user, a query or a fragment. Write it without: "
                "credentials belong into headers."
            )

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        url = httpx.URL(self.base_url)
        return f"{url.scheme}://{url.netloc.decode()}"

    def timeouts(self) -> dict[str, float]:
        """Return the times of single steps, as httpcore takes them."""
        return {
            "connect": self.connect_seconds,
            "read": self.read_seconds,
            "write": self.write_seconds,
            "pool": self.pool_seconds,
        }
