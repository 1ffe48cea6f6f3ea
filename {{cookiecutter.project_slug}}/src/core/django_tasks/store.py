"""Reads and writes the table of enqueued tasks."""

from datetime import datetime, timedelta
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

from core.database.texts import storable
from core.django_tasks.models import EnqueuedTask
from core.jobs.batches import delete_in_batches

# A task that is due later than this stays in the table until then: a broker is no place to wait in,
# and Redis would deliver the message to one worker after another.
SEND_AHEAD = timedelta(minutes=5)
# When a message counts as lost, or its worker as dead: longer than a task may take, and than Redis
# keeps a message from other workers.
LOST_AFTER = timedelta(minutes=40)
# A task that ends whoever runs it, and of which nobody could say so, ends nevertheless: what was begun so
# often and is lost is not sent again. Retries and redeliveries count as well.
ATTEMPTS_MAXIMUM = 10


class LostError(Exception):
    """A task was begun too often without an end that anybody told of."""


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


def begin(key: UUID, *, worker: str, at: datetime, is_again: bool) -> EnqueuedTask | None:
    """Claim a task for an attempt, and return it; ``None`` if there is nothing to do.

    Called twice for one attempt it does no harm.

    Args:
        key: that of the row.
        worker: the name of who runs it.
        at: when; with ``worker`` it tells one attempt from another.
        is_again: whether whoever ran it before has given it back, or is gone.
    """
    with transaction.atomic():
        row = EnqueuedTask.objects.select_for_update().filter(pk=key).first()
        if row is None or row.status == TaskResultStatus.SUCCESSFUL:
            return None
        if row.status == TaskResultStatus.RUNNING:
            if row.last_attempted_at == at and row.worker_ids[-1:] == [worker]:
                return row  # Written before; only the database's answer was lost.
            if not is_again:
                return None  # There were two messages.
        row.status = TaskResultStatus.RUNNING
        row.last_attempted_at = at
        # Whoever sent the message may not have noted it; and a retry will have one of its own.
        row.sent_at = at
        row.started_at = row.started_at or at
        row.finished_at = None
        row.worker_ids.append(worker)
        row.save()
    return row


def succeed(row: EnqueuedTask, value: Any) -> None:
    """Keep what an attempt returned; called twice it does no harm."""
    _end(row, status=TaskResultStatus.SUCCESSFUL, return_value=value, finished_at=timezone.now())


def fail(row: EnqueuedTask, error: BaseException, *, is_final: bool) -> bool:
    """Keep the error of an attempt; if it is not the last one, the task is ready for another.

    Called twice it does no harm. A task that another worker has ended well stays so: then, and if it is
    deleted, nothing is kept, and false returned.
    """
    return _end(
        row,
        errors=[*row.errors, described(error)],
        status=TaskResultStatus.FAILED if is_final else TaskResultStatus.READY,
        finished_at=timezone.now() if is_final else None,
    )


def give_up(key: UUID, error: BaseException) -> EnqueuedTask | None:
    """Mark a task that will not be tried again, and return it; ``None`` if it has ended."""
    ended = (TaskResultStatus.FAILED, TaskResultStatus.SUCCESSFUL)
    with transaction.atomic():
        open_tasks = EnqueuedTask.objects.select_for_update().exclude(status__in=ended)
        row = open_tasks.filter(pk=key).first()
        if row is not None:
            fail(row, error, is_final=True)
    return row


def _end(row: EnqueuedTask, *, status: TaskResultStatus, **values: Any) -> bool:
    """Write the end of an attempt, and tell whether it is written."""
    values["status"] = status
    # Not save(), which would bring back what was deleted while it ran: the data of an erased person.
    rows = EnqueuedTask.objects.filter(pk=row.pk)
    if status != TaskResultStatus.SUCCESSFUL:
        rows = rows.exclude(status=TaskResultStatus.SUCCESSFUL)
    is_written = bool(rows.update(**values))
    # Only now: whoever calls twice, since the database did not answer, starts from the same row.
    for name, value in values.items():
        setattr(row, name, value)
    return is_written


def described(error: BaseException) -> dict[str, str]:
    """Return ``error`` as ``TaskError`` has it, in characters that a database takes."""
    kind = type(error)
    return {
        "exception_class_path": f"{kind.__module__}.{kind.__qualname__}",
        "traceback": storable("".join(format_exception(error))),
    }


def mark_sent(key: UUID) -> None:
    EnqueuedTask.objects.filter(pk=key).update(sent_at=timezone.now())


def take_back_lost() -> list[EnqueuedTask]:
    """Make ready again what no worker can be running any more.

    What was begun ``ATTEMPTS_MAXIMUM`` times has failed with a ``LostError``, and is returned.
    """
    lost = EnqueuedTask.objects.filter(
        status=TaskResultStatus.RUNNING, last_attempted_at__lt=timezone.now() - LOST_AFTER
    )
    begun_too_often = lost.filter(**{f"worker_ids__{ATTEMPTS_MAXIMUM - 1}__isnull": False})
    error = LostError(f"It was begun {ATTEMPTS_MAXIMUM} times or more, and its workers are gone.")
    keys = list(begun_too_often.values_list("pk", flat=True))
    given_up = [row for key in keys if (row := give_up(key, error))]
    lost.update(status=TaskResultStatus.READY, sent_at=None)
    return given_up


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
