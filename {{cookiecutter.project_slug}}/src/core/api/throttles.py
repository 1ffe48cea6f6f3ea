"""How often a caller may ask, counted once for all processes."""

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Any

from rest_framework import throttling
from rest_framework.request import Request

from core.cache.counters import raise_counter

if TYPE_CHECKING:  # Views import what the settings name, and so this.
    from rest_framework.views import APIView

# So that a client which waits exactly as long as it is told is let in.
ROUNDING = 1e-6


@dataclass(frozen=True, kw_only=True)
class RateLimit:
    """What a throttle says of a request: ``remaining`` of ``limit`` are left in ``window`` seconds.

    ``reset`` is in how many seconds the window ends. As header fields:
    https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/
    """

    policy: str
    limit: int
    window: int
    remaining: int
    reset: int

    @property
    def policy_item(self) -> str:
        """An item of the field ``RateLimit-Policy``."""
        return f'"{self.policy}";q={self.limit};w={self.window}'

    @property
    def limit_item(self) -> str:
        """An item of the field ``RateLimit``."""
        return f'"{self.policy}";r={self.remaining};t={self.reset}'


class WindowThrottle(throttling.SimpleRateThrottle):
    """Lets ``rate`` requests pass in a window that slides.

    The requests of this window and the last are counted; of the last, the share counts that the
    sliding window still covers, as if they had come evenly. The cache raises a counter in one step,
    so two requests at once never both take the last place, which DRF's own throttles allow. A request
    that is refused does not count.

    The cache must be shared by all processes, as in production. While it is away, a request fails.
    """

    num_requests: int
    duration: int  # Seconds.
    now: float
    current: int
    previous: int

    def allow_request(self, request: Request, view: "APIView") -> bool:
        if self.rate is None:
            return True
        key = self.get_cache_key(request, view)
        if key is None:
            return True
        self.now = self.timer()
        begun = int(self.now // self.duration)
        counter = f"{key}.{begun}"
        self.current, self.previous = raise_counter(
            counter, f"{key}.{begun - 1}", seconds=2 * self.duration
        )
        used = self.previous * (1 - self._passed) + self.current
        is_allowed = used <= self.num_requests + ROUNDING
        if not is_allowed:
            self.current = self.cache.decr(counter)
        limit = RateLimit(
            policy=str(self.scope),
            limit=self.num_requests,
            window=self.duration,
            remaining=max(0, int(self.num_requests - used)),
            reset=ceil(self.duration * (1 - self._passed)),
        )
        # Of the request that middleware sees.
        vars(request._request).setdefault("rate_limits", []).append(limit)  # noqa: SLF001 (DRF has no name for it)
        return is_allowed

    def wait(self) -> float:
        """Return in how many seconds the next request is let in, if none is until then."""
        room = self.num_requests - 1
        left = self.duration * (1 - self._passed)
        if self.current <= room:  # Requests of the last window are in the way.
            share = 1 - (room - self.current) / self.previous
            return max(0.0, (share - self._passed) * self.duration)
        # Those of this window are, also in the next one.
        return left + (1 - room / self.current) * self.duration

    @property
    def _passed(self) -> float:
        """The share of the window that has passed, from 0 to 1."""
        return float(self.now % self.duration) / self.duration


class AnonThrottle(throttling.AnonRateThrottle, WindowThrottle):
    """Counts the requests from an address of those who have not signed in."""


class UserThrottle(throttling.UserRateThrottle, WindowThrottle):
    """Counts the requests of a user."""

    def get_cache_key(self, request: Request, view: Any) -> str | None:
        """Return the key of a user. Others are ``AnonThrottle``'s, in whose limit they are once."""
        if not (request.user and request.user.is_authenticated):
            return None
        return super().get_cache_key(request, view)


class ScopedThrottle(throttling.ScopedRateThrottle, WindowThrottle):
    """Counts the requests to views with a ``throttle_scope``, of a user or from an address."""
