"""Reads and writes the table of enqueued tasks."""

from datetime import timedelta
from traceback import format_exception
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.tasks import Task, TaskResult, TaskResultStatus
from django.tasks.base import TaskError
from django.tasks.exceptions import InvalidTask
from django.utils import timezone
from django.utils.module_loading import import_string

from core.django_tasks.models import EnqueuedTask
from core.jobs.batches import delete_in_batches

# A task that is due later than this stays in the table until then: a broker is no place to wait in,
# and Redis would deliver the message to one worker after another.
SEND_AHEAD = timedelta(minutes=5)
# When a message counts as lost, or its worker as dead: longer than a task may take, and than Redis
# keeps a message from other workers.
LOST_AFTER = timedelta(minutes=40)


def task_at(path: str) -> "Task[Any, Any]":
    """Return the task that ``path`` leads to.

    Raises:
        InvalidTask: if it leads to none.
    """
    try:
        task = import_string(path)
    except ImportError as error:
        raise InvalidTask(f"{path} cannot be imported: {error}") from error
    if not isinstance(task, Task):
        raise InvalidTask(f"{path} is no task. Decorate the function itself with @task.")
    return task


def result_of(row: EnqueuedTask) -> "TaskResult[Any, Any]":
    """Return ``row`` as Django shows it."""
    task = task_at(row.path).using(
        priority=row.priority,
        queue_name=row.queue_name,
        run_after=row.run_after,
        backend=row.backend,
    )
    result: TaskResult[Any, Any] = TaskResult(
        task=task,
        id=str(row.pk),
        status=TaskResultStatus(row.status),
        enqueued_at=row.enqueued_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
        last_attempted_at=row.last_attempted_at,
        args=row.args,
        kwargs=row.kwargs,
        backend=row.backend,
        errors=[TaskError(**error) for error in row.errors],
        worker_ids=row.worker_ids,
    )
    # Django's own backends do so: the class is frozen, and its field takes no argument.
    object.__setattr__(result, "_return_value", row.return_value)
    return result


def begin(key: UUID, *, worker: str, is_again: bool) -> EnqueuedTask | None:
    """Claim a task for an attempt, and return it; ``None`` if there is nothing to do.

    Args:
        key: that of the row.
        worker: the name of who runs it.
        is_again: whether whoever ran it before has given it back, or is gone.
    """
    with transaction.atomic():
        row = EnqueuedTask.objects.select_for_update().filter(pk=key).first()
        if row is None or row.status == TaskResultStatus.SUCCESSFUL:
            return None
        if row.status == TaskResultStatus.RUNNING and not is_again:
            return None  # There were two messages.
        row.status = TaskResultStatus.RUNNING
        row.last_attempted_at = timezone.now()
        row.started_at = row.started_at or row.last_attempted_at
        row.finished_at = None
        row.worker_ids.append(worker)
        row.save()
    return row


def succeed(row: EnqueuedTask, value: Any) -> None:
    row.status = TaskResultStatus.SUCCESSFUL
    row.return_value = value
    row.finished_at = timezone.now()
    row.save()


def fail(row: EnqueuedTask, error: Exception, *, is_final: bool) -> None:
    """Keep the error of an attempt; if it is not the last one, the task is ready for another."""
    kind = type(error)
    row.errors.append(
        {
            "exception_class_path": f"{kind.__module__}.{kind.__qualname__}",
            "traceback": "".join(format_exception(error)),
        }
    )
    row.status = TaskResultStatus.FAILED if is_final else TaskResultStatus.READY
    row.finished_at = timezone.now() if is_final else None
    row.save()


def mark_sent(key: UUID) -> None:
    EnqueuedTask.objects.filter(pk=key).update(sent_at=timezone.now())


def take_back_lost() -> None:
    """Make ready again what no worker can be running any more."""
    EnqueuedTask.objects.filter(
        status=TaskResultStatus.RUNNING, last_attempted_at__lt=timezone.now() - LOST_AFTER
    ).update(status=TaskResultStatus.READY, sent_at=None)


def to_send() -> QuerySet[EnqueuedTask]:
    """Return what is ready and due and has no message, or one that seems lost."""
    now = timezone.now()
    return EnqueuedTask.objects.filter(
        Q(run_after=None) | Q(run_after__lte=now + SEND_AHEAD),
        Q(sent_at=None) | Q(sent_at__lt=now - LOST_AFTER),
        status=TaskResultStatus.READY,
    ).order_by("pk")


def purge() -> None:
    """Delete what ended more than ``DJANGO_TASKS_RETENTION_DAYS`` ago."""
    retention = timedelta(days=settings.DJANGO_TASKS_RETENTION_DAYS)
    delete_in_batches(EnqueuedTask.objects.filter(finished_at__lt=timezone.now() - retention))
