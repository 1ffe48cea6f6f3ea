"""Reads and writes the table of tasks that somebody may ask about."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from core.errors import ApplicationError
from core.jobs.batches import delete_in_batches
from core.progress.counts import Counts, told
from core.progress.models import Status, TaskRun

# Why a task failed, beside the codes of ``core.errors``: for a reason that only the log tells; because
# the broker took no message, or no worker got one; because whoever ran it was ended, and nobody went on.
ERROR, NOT_SENT, NOT_FINISHED = "error", "not_sent", "not_finished"
# No worker is at a task any more that began so long ago: longer than a task may take, than the pause
# before another try, and than the broker waits before it delivers again.
LOST_AFTER = timedelta(hours=1)
# Whoever asked for it was ended between the commit and the message, or the broker lost that. A message
# that has waited for longer all the same runs the task, which is not failed any more then.
UNSENT_AFTER = timedelta(days=1)


def task_run_list_of(*, user: Any) -> QuerySet[TaskRun]:
    """Return the tasks that ``user`` has caused."""
    return TaskRun.objects.filter(created_by=user.pk)


def latest(run: TaskRun) -> TaskRun:
    """Return ``run`` with what a worker that is at it has told."""
    counts = told(run.pk) if run.status == Status.RUNNING else None
    if counts:
        run.done, run.total = counts
    return run


def begin(key: UUID) -> bool:
    """Mark a task as running; tell whether to run it, which one that has succeeded need not.

    A task without a row, which nobody asks about, runs too.
    """
    run = TaskRun.objects.filter(pk=key)
    now = timezone.now()
    began = run.exclude(status=Status.SUCCEEDED).update(
        status=Status.RUNNING,
        started_at=Coalesce("started_at", now),
        ended_at=None,
        code="",
        updated_at=now,
    )
    return bool(began) or not run.exists()


def succeed(key: UUID, counts: Counts) -> None:
    end(TaskRun.objects.filter(pk=key), Status.SUCCEEDED, done=counts.done, total=counts.total)


def fail(key: UUID, error: BaseException, counts: Counts) -> None:
    """Mark a task that will not be tried again. A code is all that is kept of ``error``."""
    code = error.code if isinstance(error, ApplicationError) else ERROR
    run = TaskRun.objects.filter(pk=key).exclude(status=Status.SUCCEEDED)
    end(run, Status.FAILED, code=code, done=counts.done, total=counts.total)


def fail_unsent(key: UUID) -> None:
    """Mark a task that no worker will hear of."""
    end(TaskRun.objects.filter(pk=key, status=Status.PENDING), Status.FAILED, code=NOT_SENT)


def tidy() -> None:
    """Mark what no worker is at any more, and delete what is older than ``TASK_RUN_RETENTION_DAYS``."""
    now = timezone.now()
    lost = TaskRun.objects.filter(status=Status.RUNNING, updated_at__lt=now - LOST_AFTER)
    end(lost, Status.FAILED, code=NOT_FINISHED)
    unsent = TaskRun.objects.filter(status=Status.PENDING, updated_at__lt=now - UNSENT_AFTER)
    end(unsent, Status.FAILED, code=NOT_SENT)
    retention = timedelta(days=settings.TASK_RUN_RETENTION_DAYS)
    delete_in_batches(TaskRun.objects.filter(created_at__lt=now - retention))


def end(runs: QuerySet[TaskRun], status: Status, **values: Any) -> None:
    now = timezone.now()
    runs.update(status=status, ended_at=now, updated_at=now, **values)
