"""No letter is lost that cannot be kept, and none holds up others."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from celery import Celery
from celery.exceptions import SoftTimeLimitExceeded
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection

from core.dead_letters import services
from core.dead_letters.broker import drain, post
from core.dead_letters.letters import Letter
from core.dead_letters.models import DeadLetter, Reason
from core.jobs.queues import Queue, dead_letter_queue
from tests.e2e import tasks
from tests.e2e.processes import Launcher, Process, wait_for

pytestmark = pytest.mark.slow

# % if cookiecutter.broker == "redis"
NO_BROKER = "redis://127.0.0.1:1/0"
# % else
NO_BROKER = "amqp://127.0.0.1:1//"
# % endif
# As the database is that was the first one before a fail-over.
READ_ONLY = {
    "postgresql": (
        "SET default_transaction_read_only = on",
        "SET default_transaction_read_only = off",
    ),
    "mysql": ("SET SESSION TRANSACTION READ ONLY", "SET SESSION TRANSACTION READ WRITE"),
    "sqlite": ("PRAGMA query_only = on", "PRAGMA query_only = off"),
}


@pytest.fixture
def dead(broker: Celery, launcher_alone: Launcher) -> Iterator[Any]:
    """Return the empty queue of dead letters, which no worker drains."""
    with broker.connection_for_write() as link:
        queue = dead_letter_queue()(link.default_channel)
        queue.declare()
        queue.purge()
        yield queue
        queue.purge()


@contextmanager
def read_only() -> Iterator[None]:
    on, off = READ_ONLY[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(on)
        try:
            yield
        finally:
            cursor.execute(off)


def letter(**told: Any) -> Letter:
    """Put a letter into the broker, and return it."""
    new = Letter(reason=Reason.FAILED, task="no.such.task", task_id=str(uuid4()), **told)
    post(new)
    return new


def kept(letters: list[Letter]) -> int:
    return DeadLetter.objects.filter(task_id__in=[one.task_id for one in letters]).count()


def test_letters_outlast_a_database_that_takes_none(dead: Any) -> None:
    letters = [letter(), letter(), letter()]

    for _ in range(25):
        with read_only(), pytest.raises(DatabaseError):
            services.dead_letters_drain()

    assert kept(letters) == 0
    assert services.dead_letters_drain() == 3
    assert kept(letters) == 3


@pytest.mark.parametrize("error", [DatabaseError, SoftTimeLimitExceeded])
def test_drain_ends_with_the_first_letter_when_no_other_can_be_kept(
    dead: Any, error: type[Exception]
) -> None:
    letters = [letter(), letter()]
    tried = []

    def keep(one: Letter) -> None:
        tried.append(one)
        raise error

    with pytest.raises(error):
        drain(keep)

    assert tried == letters[:1]
    assert services.dead_letters_drain() == 2
    assert kept(letters) == 2


def test_letter_that_can_never_be_kept_holds_up_no_other(dead: Any) -> None:
    letters = [letter(retries=-1), letter(), letter()]

    assert [services.dead_letters_drain() for _ in range(2)] == [2, 0]

    assert kept(letters) == kept(letters[1:]) == 2
    seen: list[Letter] = []
    drain(seen.append)
    assert seen == letters[:1]


def test_letter_that_cannot_be_decompressed_is_kept(broker: Celery, dead: Any) -> None:
    task_id = str(uuid4())
    broker.amqp.Producer(dead.channel).publish(
        "?",
        exchange="",
        routing_key=dead.name,
        content_type="application/json",
        content_encoding="utf-8",
        headers={"task": "no.such.task", "id": task_id, "compression": "?"},
    )

    assert services.dead_letters_drain() == 1

    assert DeadLetter.objects.get(task_id=task_id).reason == Reason.UNREADABLE


def test_message_with_headers_of_somebody_else_is_kept_and_ends_no_worker(
    worker: Process, broker: Celery, tmp_path: Path
) -> None:
    task_id = str(uuid4())
    with broker.producer_pool.acquire() as producer:
        producer.publish(
            [[1], {}, {}],
            routing_key=Queue.DEFAULT,
            exchange="tasks",
            headers={"task": "no.such.task", "id": task_id, "retries": "many", "x-death": "?"},
        )

    found = wait_for(lambda: DeadLetter.objects.filter(task_id=task_id).first(), "the letter")

    assert (found.reason, found.args, found.retries) == (Reason.UNKNOWN, "[1]", 0)
    journal = tmp_path / "journal"
    tasks.tell.delay(str(journal))
    worker.wait_for(lambda: tasks.read(journal), "another task")


def test_command_says_that_the_broker_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CELERY_BROKER_URL", NO_BROKER)

    with pytest.raises(CommandError, match=r"^The broker does not answer: "):
        call_command("dead_letters", "drain")
