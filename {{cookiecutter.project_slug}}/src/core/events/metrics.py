"""How many events are not handled, and since when."""

from collections.abc import Iterator

from django.db.models import Count, Min, Q
from django.utils import timezone
from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily

from core.events.models import OutboxEvent

STATES = {"open": Q(due_at__isnull=False), "given_up": Q(due_at=None)}


def unhandled_events() -> Iterator[Metric]:
    """Yield the number of events in each state, and the age of the oldest of them, with one query.

    Where there is none, both are 0, so that an alert finds something to compare.
    """
    counts = {f"{state}_count": Count("pk", filter=of_it) for state, of_it in STATES.items()}
    oldest = {f"{state}_oldest": Min("created_at", filter=of_it) for state, of_it in STATES.items()}
    found = OutboxEvent.objects.filter(handled_at=None).aggregate(**counts, **oldest)
    now = timezone.now()
    numbers = GaugeMetricFamily(
        "events_unhandled",
        "Events of the outbox that some subscriber has not handled.",
        labels=["state"],
    )
    ages = GaugeMetricFamily(
        "events_oldest_unhandled_age_seconds",
        "How long ago the oldest of them was published.",
        labels=["state"],
    )
    for state in STATES:
        since = found[f"{state}_oldest"] or now
        numbers.add_metric([state], found[f"{state}_count"])
        ages.add_metric([state], max(0.0, (now - since).total_seconds()))
    yield from (numbers, ages)
