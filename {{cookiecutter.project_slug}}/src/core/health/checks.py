"""Asks each server that the service needs whether it answers."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Thread

from celery import current_app
from django.conf import settings
from django.core.cache import cache
from django.db import connection

logger = logging.getLogger(__name__)

# All checks together take no longer, whatever the servers and the network do.
DEADLINE_SECONDS = 4.0
BROKER_TIMEOUT_SECONDS = 2


@dataclass(frozen=True)
class Result:
    """The answer of one server. ``seconds`` is how long it took."""

    name: str
    is_healthy: bool
    seconds: float


def check_database() -> None:
    """Ask the database something, over a connection of this thread's own."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchone()
    finally:
        connection.close()


def check_cache() -> None:
    cache.set("core.health", "ok", timeout=10)
    if cache.get("core.health") != "ok":
        message = "The cache lost what it was given."
        raise ConnectionError(message)


def check_broker() -> None:
    """Connect and speak the broker's protocol. With no broker there is nothing to ask."""
    if not settings.CELERY_BROKER_URL:
        return
    with current_app.connection_for_write(
        connect_timeout=BROKER_TIMEOUT_SECONDS,
        transport_options={"socket_timeout": BROKER_TIMEOUT_SECONDS},
    ) as broker:
        broker.ensure_connection(max_retries=1, interval_start=0, timeout=BROKER_TIMEOUT_SECONDS)


CHECKS: dict[str, Callable[[], None]] = {
    "database": check_database,
    "cache": check_cache,
    "broker": check_broker,
}


class Run(Thread):
    """A check that runs; one that hangs keeps neither its probe nor the end of the process."""

    def __init__(self, name: str, check: Callable[[], None]) -> None:
        super().__init__(name=name, daemon=True)
        self.result = Result(name, is_healthy=False, seconds=DEADLINE_SECONDS)
        self._check = check
        self._start = time.monotonic()
        self.start()

    def run(self) -> None:
        try:
            self._check()
        except Exception as error:  # noqa: BLE001 (each client raises its own kind)
            logger.warning("%s is not healthy: %s", self.name, type(error).__name__)
            is_healthy = False
        else:
            is_healthy = True
        self.result = Result(self.name, is_healthy, seconds=time.monotonic() - self._start)


def run_checks() -> list[Result]:
    """Return the result of each check, in ``DEADLINE_SECONDS`` at most.

    What went wrong is logged by its kind only: more may hold addresses and passwords.
    """
    runs = [Run(name, check) for name, check in CHECKS.items()]
    deadline = time.monotonic() + DEADLINE_SECONDS
    for run in runs:
        run.join(max(0, deadline - time.monotonic()))
    return [run.result for run in runs]
