"""The broker is stopped and emptied, and the database's connections are cut, while orders come in."""

import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import pytest

from apps.orders.models import Order
from tests.drills.conftest import OPERATIONS, Fleet
from tests.drills.load import Load
from tests.drills.servers import Server
from tests.drills.table import Drill, Table
from tests.e2e.authentication import Authentication
from tests.e2e.processes import Launcher, WebServer, wait_for

ORDERS = OPERATIONS // 2
LOAD_SECONDS = 40.0
OUTAGE_SECONDS = 20.0
EMPTYINGS = 5
CUTS = 10
PAUSE_SECONDS = 1.0
RECOVERY_SECONDS = 240.0


@pytest.fixture
def web(launcher: Launcher) -> WebServer:
    return launcher.web(WEB_CONCURRENCY="2")


@pytest.fixture
def service(fleet: Fleet, launcher: Launcher, tmp_path: Path) -> Fleet:
    """Return two workers, with beat beside them."""
    fleet.worker()
    fleet.worker()
    fleet.processes.append(launcher.beat())
    return fleet


@pytest.fixture
def load(web: WebServer, authentication: Authentication) -> Load:
    return Load(web, authentication, orders=ORDERS, seconds=LOAD_SECONDS)


def test_broker_is_stopped(
    web: WebServer, service: Fleet, load: Load, broker: Server, table: Table
) -> None:
    workers = web.workers()

    with running(load):
        broker.stop()
        time.sleep(OUTAGE_SECONDS)
        broker.start()
        began = time.monotonic()

    settle(load)
    assert set(load.statuses) == {201}
    assert web.workers() == workers
    table.add(drill(f"broker stopped for {OUTAGE_SECONDS:.0f} s", service, load, began))


def test_broker_is_emptied(service: Fleet, load: Load, broker: Server, table: Table) -> None:
    with running(load):
        for _ in range(EMPTYINGS):
            time.sleep(PAUSE_SECONDS)
            broker.empty()
        began = time.monotonic()

    settle(load)
    assert set(load.statuses) == {201}
    table.add(drill(f"broker emptied {EMPTYINGS} x", service, load, began))


def test_connections_to_the_database_are_cut(
    web: WebServer, service: Fleet, load: Load, cut: Callable[[], None], table: Table
) -> None:
    workers = web.workers()

    load.retries = True
    with running(load):
        for _ in range(CUTS):
            time.sleep(PAUSE_SECONDS)
            cut()
        began = time.monotonic()

    settle(load)
    assert set(load.statuses) == {201}
    assert web.workers() == workers
    table.add(drill(f"connections cut {CUTS} x", service, load, began))


@contextmanager
def running(load: Load) -> Iterator[None]:
    """Do what follows while orders are placed, from when a fifth of them is on."""
    with ThreadPoolExecutor(1) as threads:
        placing = threads.submit(load.run)
        try:
            wait_for(lambda: load.answered >= ORDERS // 5, "orders", seconds=2 * LOAD_SECONDS)
            yield
        finally:
            load.may_end.set()
            placing.result()


def settle(load: Load) -> None:
    """Wait until every order is confirmed, or no time is left."""
    deadline = time.monotonic() + RECOVERY_SECONDS
    while unconfirmed(load.placed()) and time.monotonic() < deadline:
        time.sleep(0.2)


def unconfirmed(orders: list[Order]) -> list[Order]:
    return [order for order in orders if order.confirmation_sent_at is None]


def drill(fault: str, service: Fleet, load: Load, began: float) -> Drill:
    """Count what was asked for and not done, or done twice; and see that nobody was restarted."""
    seconds = time.monotonic() - began
    orders = load.placed()
    assert [process.exit_code for process in service.processes] == [None] * len(service.processes)
    assert load.taken() == len(orders)
    placed = {order.pk for order in orders}
    mails = Counter(
        UUID(key) for key in re.findall(r"^Subject: Your order (\S+)", service.output, re.MULTILINE)
    )
    confirmed = placed.intersection(mails) - {order.pk for order in unconfirmed(orders)}
    return Drill(
        fault=fault,
        operations=load.answered,
        lost=len(load.told - confirmed),
        doubled=len(placed - load.told) + sum(mails[key] - 1 for key in placed.intersection(mails)),
        seconds=seconds,
    )
