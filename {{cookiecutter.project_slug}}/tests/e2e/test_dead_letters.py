"""Whatever ends a task badly, its message is kept, and can be sent again."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from celery import Celery
from django.db import connection

from core.dead_letters import services
from core.dead_letters.models import DeadLetter, Reason, Redelivery
from core.identity.actor import acting_as
from core.identity.origin import Origin, originating_from
from core.jobs.queues import Queue
from tests.e2e import tasks
from tests.e2e.processes import SOURCE_DIR, Launcher, Process, wait_for
from tests.factories.users import UserFactory

pytestmark = pytest.mark.slow

# % if cookiecutter.broker == "redis"
NO_BROKER = "redis://127.0.0.1:1/0"
# Redis delivers again what nobody acknowledged for so long: the test does not wait half an hour.
DELIVER_SOON = ("--", 'broker.transport_options=(dict){"visibility_timeout": 0.1}')
# % else
NO_BROKER = "amqp://127.0.0.1:1//"
DELIVER_SOON = ()
# % endif
# % if cookiecutter.database == "postgresql"
NO_DATABASE = "postgres://nobody@127.0.0.1:1/none"
# % elif cookiecutter.database == "mysql"
NO_DATABASE = "mysql://nobody@127.0.0.1:1/none"
# % else
NO_DATABASE = "sqlite:////proc/none/db.sqlite3"
# % endif
NOWHERE = "/nowhere"  # No file stands there.


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """Return the file that tasks write into."""
    return tmp_path / "journal"


def letter_of(result: Any) -> DeadLetter:
    """Return the letter of the task that was sent."""
    letter: DeadLetter = wait_for(
        lambda: DeadLetter.objects.filter(task_id=result.id, resent_at=None).first(), "the letter"
    )
    return letter


def send_again(letter: DeadLetter) -> bool:
    try:
        return services.dead_letter_send(letter_id=letter.pk)
    finally:
        connection.close()


def test_task_that_gives_up_is_kept_with_all_that_is_needed_to_send_it_again(
    worker: Process, journal: Path
) -> None:
    user = UserFactory()
    with acting_as(user.pk), originating_from(Origin("request-1", "192.0.2.7")):
        result = tasks.fail_until.delay(str(journal), mended=NOWHERE)

    letter = letter_of(result)

    assert (letter.task, letter.queue) == ("tests.e2e.tasks.fail_until", Queue.BULK)
    assert json.loads(letter.args) == [str(journal)]
    assert json.loads(letter.kwargs) == {"mended": NOWHERE}
    headers = json.loads(letter.headers)
    assert (headers["acting_user_id"], headers["origin_request_id"]) == (str(user.pk), "request-1")
    assert (letter.reason, letter.error) == (Reason.FAILED, "ValueError")
    assert letter.message == "Somebody has to mend this first."
    assert "in fail_until" in letter.trace
    assert (letter.retries, letter.deliveries, letter.root_id) == (0, 1, result.id)


def test_letter_that_two_send_again_at_once_is_sent_once_and_for_whom_it_was(
    worker: Process, journal: Path, tmp_path: Path
) -> None:
    user = UserFactory()
    mended = tmp_path / "mended"
    with acting_as(user.pk), originating_from(Origin("request-2")):
        result = tasks.fail_until.delay(str(journal), mended=str(mended))
    letter = letter_of(result)
    mended.touch()
    barrier = Barrier(2)

    def send() -> bool:
        barrier.wait()
        return send_again(letter)

    with ThreadPoolExecutor(2) as threads:
        sent = [job.result() for job in [threads.submit(send), threads.submit(send)]]

    assert sorted(sent) == [False, True]
    # One task runs at a time in a queue's order: what was sent twice would have run before this.
    done = tasks.fail_until.delay(str(journal), mended=str(mended))
    wait_for(lambda: len(tasks.read(journal)) >= 2, "both runs")
    lines = tasks.read(journal)
    assert sorted(line["request"] for line in lines) == sorted(["request-2", done.id])
    assert {"user": str(user.pk), "request": "request-2"} in lines


def test_letter_that_fails_again_is_a_new_one_that_names_the_former(
    worker: Process, journal: Path
) -> None:
    result = tasks.fail_until.delay(str(journal), mended=NOWHERE)
    former = letter_of(result)

    send_again(former)

    letter = letter_of(result)
    assert letter.former == former
    assert DeadLetter.objects.filter(task_id=result.id).count() == 2


def test_message_that_its_task_rejects_is_kept(worker: Process) -> None:
    letter = letter_of(tasks.reject.delay())

    assert (letter.reason, letter.error) == (Reason.REJECTED, "celery.exceptions.Reject")


def test_message_of_an_unknown_task_is_kept_and_holds_up_nobody(
    worker: Process, broker: Celery, journal: Path
) -> None:
    result = broker.send_task("no.such.task", args=[1], queue=Queue.DEFAULT)

    letter = letter_of(result)

    assert (letter.reason, letter.task, letter.args) == (Reason.UNKNOWN, "no.such.task", "[1]")
    tasks.tell.delay(str(journal))
    wait_for(lambda: tasks.read(journal), "another task")


def test_message_that_cannot_be_read_is_kept(worker: Process, broker: Celery) -> None:
    body = f"not JSON {uuid4()}"
    with broker.producer_pool.acquire() as producer:
        producer.publish(
            body,
            routing_key=Queue.DEFAULT,
            exchange="tasks",
            content_type="application/json",
            content_encoding="utf-8",
            headers={"task": "tests.e2e.tasks.tell", "id": str(uuid4())},
        )

    letter = wait_for(lambda: DeadLetter.objects.filter(body=body).first(), "the letter")

    assert letter.reason == Reason.UNREADABLE
    assert not letter.is_readable


def test_task_beyond_its_hard_time_limit_is_kept(worker: Process) -> None:
    letter = letter_of(tasks.hang.delay())

    assert (letter.reason, letter.message) == (Reason.TIMED_OUT, "TimeLimitExceeded(2,)")


def test_task_that_ends_its_process_is_kept_within_its_budget_and_its_queue_goes_on(
    launcher_alone: Launcher, journal: Path
) -> None:
    launcher_alone.worker(TASK_REDELIVERY_LIMIT="2")
    result = tasks.end_process.delay(str(journal))

    letter = letter_of(result)

    assert (letter.reason, letter.deliveries) == (Reason.POISONED, 4)
    assert len(tasks.read(journal)) == 3
    assert not Redelivery.objects.filter(task_id=result.id).exists()
    tasks.tell.delay(str(journal))
    wait_for(lambda: len(tasks.read(journal)) == 4, "another task")


def test_task_that_ends_its_worker_is_kept_within_its_budget_and_its_queue_goes_on(
    launcher_alone: Launcher, journal: Path
) -> None:
    result = tasks.end_worker.delay(str(journal))
    for run in (1, 2):
        worker = launcher_alone.worker(*DELIVER_SOON, TASK_REDELIVERY_LIMIT="1")
        Path(f"{journal}-{run}").touch()
        wait_for(lambda worker=worker: worker.exit_code is not None, "the worker's end")
        worker.kill()

    launcher_alone.worker(*DELIVER_SOON, TASK_REDELIVERY_LIMIT="1")

    letter = letter_of(result)
    assert (letter.reason, len(tasks.read(journal))) == (Reason.POISONED, 2)
    tasks.tell.delay(str(journal))
    wait_for(lambda: len(tasks.read(journal)) == 3, "another task")


# % if cookiecutter.django_version == "5.2"
# With Django 6.1 a worker does not start without its database: the checks ask it.
def test_letter_waits_in_the_broker_while_the_database_is_away(
    launcher_alone: Launcher, journal: Path
) -> None:
    from django.core.management import call_command  # noqa: PLC0415

    worker = launcher_alone.worker(DATABASE_URL=NO_DATABASE)
    result = tasks.fail_until.delay(str(journal), mended=NOWHERE)
    worker.wait_until_printed("is not in the database")
    worker.stop()
    assert not DeadLetter.objects.filter(task_id=result.id).exists()

    call_command("dead_letters", "drain")

    assert letter_of(result).message == "Somebody has to mend this first."


# % endif
def test_broker_that_is_away_leaves_letters_as_they_are(
    worker: Process, journal: Path, service_environment: dict[str, str]
) -> None:
    letter = letter_of(tasks.fail_until.delay(str(journal), mended=NOWHERE))

    done = subprocess.run(
        [sys.executable, str(SOURCE_DIR / "manage.py"), "dead_letters", "send", "--all"],
        env={**service_environment, "CELERY_BROKER_URL": NO_BROKER},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert "The broker does not answer" in done.stderr
    letter.refresh_from_db()
    assert letter.resent_at is None
