"""Asks each server that the service needs whether it answers."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from celery import current_app
from django.conf import settings
from django.core.cache import cache
from django.db import connection

logger = logging.getLogger(__name__)

BROKER_TIMEOUT_SECONDS = 2


@dataclass(frozen=True)
class Result:
    """The answer of one server. ``seconds`` is how long it took."""

    name: str
    is_healthy: bool
    seconds: float


def check_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()


def check_cache() -> None:
    cache.set("core.health", "ok", timeout=10)
    if cache.get("core.health") != "ok":
        message = "The cache lost what it was given."
        raise ConnectionError(message)


def check_broker() -> None:
    """Connect and speak the broker's protocol. With no broker there is nothing to ask."""
    if not settings.CELERY_BROKER_URL:
        return
    with current_app.connection_for_write(connect_timeout=BROKER_TIMEOUT_SECONDS) as broker:
        broker.ensure_connection(max_retries=1, interval_start=0, timeout=BROKER_TIMEOUT_SECONDS)


CHECKS: dict[str, Callable[[], None]] = {
    "database": check_database,
    "cache": check_cache,
    "broker": check_broker,
}


def run_checks() -> list[Result]:
    """Return the result of each check. What went wrong is logged, never returned: it may hold
    addresses and passwords.
    """
    return [_run(name, check) for name, check in CHECKS.items()]


def _run(name: str, check: Callable[[], None]) -> Result:
    start = time.monotonic()
    try:
        check()
    except Exception as error:  # noqa: BLE001 (each client raises its own kind)
        logger.warning("%s is not healthy: %s", name, type(error).__name__)
        return Result(name, is_healthy=False, seconds=time.monotonic() - start)
    return Result(name, is_healthy=True, seconds=time.monotonic() - start)
