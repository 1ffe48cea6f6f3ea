"""A worker runs what the service sends, through the broker that CELERY_BROKER_URL names."""

import os
import signal
from pathlib import Path
from uuid import UUID

import pytest
from django.db import transaction

from apps.users.models import User
from apps.users.services import user_create
from core.audit.models import AuditEntry
from core.identity.actor import acting_as
from core.identity.origin import Origin, originating_from
from core.identity.trace import Trace, traced
from core.jobs.models import Effect
from core.jobs.queues import Queue
from tests.e2e import tasks
from tests.e2e.processes import Launcher, Process, wait_for
from tests.factories.users import UserFactory

# % if cookiecutter.broker == "redis"
# Redis delivers again what nobody acknowledged for so long: the test does not wait half an hour.
DELIVER_SOON = ("--", 'broker.transport_options=(dict){"visibility_timeout": 0.1}')


# % else
# RabbitMQ delivers again as soon as the connection is gone.
DELIVER_SOON = ()


# % endif
@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """Return the file that tasks write into."""
    return tmp_path / "journal"


def wait_for_runs(journal: Path, count: int) -> list[dict[str, object]]:
    wait_for(lambda: len(tasks.read(journal)) >= count, f"{count} runs of the task")
    return tasks.read(journal)


@pytest.mark.parametrize("queue", list(Queue))
def test_worker_consumes_every_queue(worker: Process, journal: Path, queue: Queue) -> None:
    tasks.tell.apply_async((str(journal),), queue=queue)

    [run] = wait_for_runs(journal, 1)

    assert run["queue"] == queue


def test_task_of_a_service_runs_after_its_commit(worker: Process) -> None:
    with transaction.atomic():
        user = user_create(email="new@example.com")

    worker.wait_until_printed(f"To: {user.email}")


def test_task_of_a_service_that_was_rolled_back_never_runs(worker: Process, journal: Path) -> None:
    with transaction.atomic():
        user_create(email="unmade@example.com")
        transaction.set_rollback(True)
    # What is sent now would come after the task of the service.
    tasks.tell.delay(str(journal))
    wait_for_runs(journal, 1)

    assert "unmade@example.com" not in worker.output


def test_task_acts_for_the_user_who_caused_it(worker: Process) -> None:
    admin = UserFactory()
    with acting_as(admin.pk), originating_from(Origin("request-1", "192.0.2.7")):
        tasks.user_add.delay("added-by-somebody@example.com")

    assert creator_of("added-by-somebody@example.com") == admin.pk
    entry = AuditEntry.objects.get(cid="request-1")
    assert entry.changes["email"] == [None, "added-by-somebody@example.com"]
    assert (entry.actor, entry.remote_addr) == (admin, "192.0.2.7")


def test_task_is_a_part_of_the_trace_that_caused_it(worker: Process, journal: Path) -> None:
    trace = Trace(trace_id="a" * 32, span_id="b" * 16, flags="01", state="vendor=1")
    with traced(trace):
        tasks.tell_trace.delay(str(journal))

    [run] = wait_for_runs(journal, 1)
    assert run["traceparent"].split("-")[1] == trace.trace_id
    assert run["traceparent"].split("-")[2] != trace.span_id
    assert run["tracestate"] == "vendor=1"


def test_task_that_nobody_caused_acts_for_the_service(worker: Process) -> None:
    tasks.user_add.delay("added-by-nobody@example.com")

    assert creator_of("added-by-nobody@example.com") is None


def creator_of(email: str) -> UUID | None:
    user: User = wait_for(lambda: User.objects.filter(email=email).first(), "the new account")
    return user.created_by_id


def test_task_is_tried_again_in_its_queue_after_a_passing_fault(
    worker: Process, journal: Path
) -> None:
    tasks.fail_twice.apply_async((str(journal),), queue=Queue.BULK)

    runs = wait_for_runs(journal, 3)

    assert [(run["retries"], run["queue"]) for run in runs] == [
        (0, Queue.BULK),
        (1, Queue.BULK),
        (2, Queue.BULK),
    ]


def test_secrets_do_not_reach_the_log_of_a_worker(worker: Process) -> None:
    secret = "s3cr3t-that-nobody-may-see"

    tasks.leak.delay(secret)

    worker.wait_until_printed("ValueError: postgres://user:***@database/service")
    assert "password=***" in worker.output
    # Celery names the arguments of a task that failed at no level that is on.
    assert secret not in worker.output


def test_waiting_retries_hold_up_no_other_task(worker: Process, journal: Path) -> None:
    """The worker has two processes, and takes no more messages than it has processes."""
    for _ in range(4):
        tasks.tell.apply_async((str(journal),), countdown=60, expires=1)

    tasks.tell.delay(str(journal))

    wait_for_runs(journal, 1)


def test_task_whose_process_is_killed_runs_again(worker: Process, journal: Path) -> None:
    tasks.hang_once.delay(str(journal))
    [first] = wait_for_runs(journal, 1)

    os.kill(first["process"], signal.SIGKILL)

    _, second = wait_for_runs(journal, 2)
    assert second["process"] != first["process"]


@pytest.mark.slow
def test_task_of_a_killed_worker_runs_again_in_another(
    worker: Process, launcher: Launcher, journal: Path
) -> None:
    tasks.hang_once.delay(str(journal))
    wait_for_runs(journal, 1)
    worker.kill()

    launcher.worker(*DELIVER_SOON)

    assert len(wait_for_runs(journal, 2)) == 2


@pytest.mark.slow
def test_effect_that_is_done_is_not_done_again_when_its_task_is_killed_and_delivered_again(
    worker: Process, journal: Path
) -> None:
    sent = tasks.act_once.delay(str(journal), f"after {journal}", "after")
    [run] = wait_for_runs(journal, 1)
    wait_for(lambda: Effect.objects.filter(key=f"after {journal}", done_at__isnull=False), "mark")

    os.kill(run["process"], signal.SIGKILL)

    worker.wait_until_printed(f"act_once[{sent.id}] succeeded")
    assert len(tasks.read(journal)) == 1


@pytest.mark.slow
def test_effect_whose_worker_was_killed_within_it_is_done_again_after_its_lease(
    worker: Process, journal: Path
) -> None:
    tasks.act_once.delay(str(journal), f"within {journal}", "within")
    [run] = wait_for_runs(journal, 1)

    os.kill(run["process"], signal.SIGKILL)

    assert len(wait_for_runs(journal, 2)) == 2


@pytest.mark.slow
def test_effects_asked_for_twice_of_two_workers_happen_once(
    worker: Process, launcher: Launcher, journal: Path
) -> None:
    other = launcher.worker()
    keys = [f"{number} {journal}" for number in range(30)]

    sent = [tasks.act_once.delay(str(journal), key) for key in keys for _ in range(2)]

    def ended() -> bool:
        printed = worker.output + other.output
        return all(f"act_once[{task.id}] succeeded" in printed for task in sent)

    wait_for(ended, "the end of all tasks")
    assert len(tasks.read(journal)) == len(keys)
    assert Effect.objects.filter(key__in=keys, done_at__isnull=False).count() == len(keys)
    assert all("act_once" in process.output for process in (worker, other))
