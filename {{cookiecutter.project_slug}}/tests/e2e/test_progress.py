"""A client sees how far a worker is with the task that the client has caused."""

import os
import signal
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from apps.users.models import User
from core.identity.actor import acting_as
from core.progress.models import Status, TaskRun
from tests.bodies import data
from tests.e2e import tasks
from tests.e2e.authentication import Authentication
from tests.e2e.processes import Process, WebServer, wait_for
from tests.factories.users import UserFactory


@pytest.fixture
def user() -> User:
    return UserFactory()


def send(user: User, journal: Path) -> TaskRun:
    with acting_as(user.pk), transaction.atomic():
        return tasks.count_slowly.delay_on_commit(str(journal))


def ended(run: TaskRun) -> TaskRun:
    def has_ended() -> bool:
        run.refresh_from_db()
        return run.has_ended

    wait_for(has_ended, "the end of the task")
    return run


def test_client_sees_how_far_the_worker_is(
    worker: Process, web: WebServer, authentication: Authentication, user: User, tmp_path: Path
) -> None:
    if not os.environ.get("CACHE_URL"):
        pytest.skip("CACHE_URL names no cache that processes share")
    client = web.client()
    authentication.sign_in(client, user)
    journal = tmp_path / "journal"
    run = send(user, journal)

    def seen() -> tuple[Any, ...]:
        body = data(client.get(f"/api/v1/tasks/{run.pk}/"))
        return tuple(body[name] for name in ("status", "done", "total", "percent"))

    wait_for(lambda: seen() == ("running", 2, 3, 66), "the counts of the running task")
    Path(f"{journal}-end").touch()
    wait_for(lambda: seen() == ("succeeded", 3, 3, 100), "the end of the task")


def test_task_whose_process_was_killed_succeeds_when_it_is_delivered_again(
    worker: Process, user: User, tmp_path: Path
) -> None:
    journal = tmp_path / "journal"
    run = send(user, journal)
    wait_for(lambda: tasks.read(journal), "the first run of the task")

    os.kill(tasks.read(journal)[0]["process"], signal.SIGKILL)

    wait_for(lambda: len(tasks.read(journal)) == 2, "the second run of the task")
    run.refresh_from_db()
    assert run.status == Status.RUNNING
    Path(f"{journal}-end").touch()
    assert (ended(run).status, run.done, run.total) == (Status.SUCCEEDED, 3, 3)


def test_task_that_fails_in_a_worker_has_failed(
    worker: Process, user: User, tmp_path: Path
) -> None:
    run = send(user, tmp_path / "no-folder" / "journal")

    assert (ended(run).status, run.code) == (Status.FAILED, "error")
