"""What rooms and apps can be asked for in numbers.

A reading asks the database when it is asked itself. All processes share that, so any web process can
answer, for the workers too, which need no port. So the multiprocess mode of prometheus_client, which
adds up what each process of gunicorn has counted in its memory, is not needed; for what a process
counts itself it would be.

https://prometheus.github.io/client_python/collector/custom/ and
https://prometheus.github.io/client_python/multiprocess/
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Metric

# Not that of prometheus_client: it tells of the one process that happens to answer.
REGISTRY = CollectorRegistry()


@dataclass(frozen=True)
class Reading:
    """What prometheus_client calls a collector."""

    collect: Callable[[], Iterable[Metric]]


def register(collect: Callable[[], Iterable[Metric]]) -> None:
    """Have ``collect`` called at each scrape, once in a process: in the ``ready`` of an app.

    Args:
        collect: returns metrics. The number of its queries is constant, and so is the number of
            values that a label may have, whatever callers and messages say.
    """
    REGISTRY.register(Reading(collect))
