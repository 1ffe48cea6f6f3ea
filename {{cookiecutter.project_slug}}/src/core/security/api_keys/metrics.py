"""How many keys are about to expire."""

from collections.abc import Iterator
from datetime import timedelta

from django.utils import timezone
from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily

from core.security.api_keys.models import ApiKey

SOON = timedelta(days=14)


def api_keys() -> Iterator[Metric]:
    """Yield how many keys end within ``SOON`` and have no other in their place, with one query."""
    now = timezone.now()
    ending = ApiKey.objects.filter(
        expires_at__gt=now, expires_at__lte=now + SOON, revoked_at=None, successor=None
    )
    yield GaugeMetricFamily(
        "api_keys_expiring",
        "API keys that expire within 14 days and were not rotated.",
        value=ending.count(),
    )
