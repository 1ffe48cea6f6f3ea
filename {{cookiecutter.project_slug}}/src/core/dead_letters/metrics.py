"""How many letters are open."""

from collections import Counter
from collections.abc import Iterator
from functools import cache

from celery import current_app
from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily

from core.dead_letters import selectors
from core.dead_letters.models import Reason

# Stands for what no release wrote: whoever can send a message chooses the names in it, and each
# would be a series of its own. https://prometheus.io/docs/practices/naming/#labels
OTHER = "other"


def dead_letters() -> Iterator[Metric]:
    """Yield how many letters are open by task and reason, with one query.

    How many there ever were cannot be told: they are deleted after ``DEAD_LETTER_RETENTION_DAYS``.
    """
    tasks = known_tasks()
    numbers: Counter[tuple[str, str]] = Counter()
    for (task, reason), number in selectors.counts(among=tasks).items():
        # Asked again, because a database may take names that differ in case only for one.
        labels = (task if task in tasks else OTHER, reason if reason in Reason.values else OTHER)
        numbers[labels] += number
    family = GaugeMetricFamily(
        "dead_letters_open",
        "Messages of tasks that ended badly and were not sent again.",
        labels=["task", "reason"],
    )
    for labels, number in numbers.items():
        family.add_metric(labels, number)
    yield family


@cache
def known_tasks() -> frozenset[str]:
    """Return the names of this release's tasks, of which a web process itself imports only some."""
    current_app.loader.import_default_modules()
    return frozenset(current_app.tasks)
