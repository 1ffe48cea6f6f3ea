"""What workers run, and what beat starts."""

import logging
from functools import partial
from typing import Any
from uuid import UUID

from celery import shared_task
from django.db import InterfaceError, OperationalError
from django.tasks import TaskContext
from django.tasks.exceptions import InvalidTask
from django.tasks.signals import task_finished, task_started
from django.utils import timezone
from django.utils.json import normalize_json

from core.database.connections import insist
from core.django_tasks import store
from core.django_tasks.models import EnqueuedTask
from core.jobs.errors import DATABASE_ERRORS, EffectHeldError
from core.jobs.queues import Queue
from core.jobs.tasks import BaseTask

logger = logging.getLogger(__name__)

SENT_AT_ONCE = 1000
# How long to go on trying to write what came of a task, which has run.
OUTCOME_SECONDS = 30.0
CONNECTION_ERRORS = (OperationalError, InterfaceError)


class ResultTask(BaseTask):
    """Tells the result when there will be no further try."""

    abstract = True

    def on_given_up(self, error: BaseException, *, task_id: str, args: Any) -> None:  # noqa: ARG002 (of the base)
        attempt = vars(self.request)
        row: EnqueuedTask | None = attempt.get("row")
        if isinstance(error, DATABASE_ERRORS) and row is None:
            return  # It could not even begin, which is no fault of its own: beat sends it again.
        if isinstance(error, CONNECTION_ERRORS) and row is not None and "value" in attempt:
            store.succeed(row, attempt["value"])
        else:
            row = store.give_up(UUID(args[0]), error)
        if row is not None:
            tell_finished(row)


def queue_of(row: EnqueuedTask) -> str:
    """Return the queue: where none was chosen, the priority chooses it.

    There are three levels, as there are queues: brokers differ in what a message's priority means,
    and quorum queues of RabbitMQ before 4.0 have none.
    """
    if row.queue_name == Queue.DEFAULT and row.priority:
        return Queue.CRITICAL.value if row.priority > 0 else Queue.BULK.value
    return row.queue_name


def send(row: EnqueuedTask) -> None:
    """Give the broker a message for ``row``."""
    due: dict[str, Any] = {"eta": row.run_after} if row.run_after else {}
    django_task_run.apply_async((str(row.pk),), queue=queue_of(row), headers=row.headers, **due)
    insist(lambda: store.mark_sent(row.pk), seconds=0)


@shared_task(bind=True, base=ResultTask, queue=Queue.DEFAULT)
def django_task_run(self: ResultTask, key: str) -> None:
    """Run an enqueued task once more, and keep what came of it.

    Raises:
        Exception: that of the task, also when it could not be kept.
        OperationalError, InterfaceError: the task did its work, and that could not be kept. It runs
            again then, as each task may.
    """
    request = self.request
    is_again = bool(request.retries or (request.delivery_info or {}).get("redelivered"))
    begin = partial(
        store.begin,
        UUID(key),
        worker=request.hostname or "",
        at=timezone.now(),
        is_again=is_again,
    )
    row = insist(begin, seconds=0)
    if row is None:
        return
    vars(request)["row"] = row
    try:
        result = store.result_of(row)
        task = result.task
        task_started.send(type(task.get_backend()), task_result=result)
        context: list[Any] = [TaskContext(task_result=result)] if task.takes_context else []
        value = normalize_json(task.call(*context, *result.args, **result.kwargs))
    except Exception as error:
        is_passing = isinstance(error, (*self.autoretry_for, EffectHeldError))
        is_final = not is_passing or request.retries >= (self.max_retries or 0)
        keep_error(row, error, is_final=is_final)
        raise
    vars(request)["value"] = value
    insist(lambda: store.succeed(row, value), seconds=OUTCOME_SECONDS)
    tell_finished(row)


def keep_error(row: EnqueuedTask, error: Exception, *, is_final: bool) -> None:
    """Write why an attempt failed. What keeps that from being written is logged, not raised.

    Celery would go by it, and run again what has failed for good.
    """
    try:
        is_kept = insist(lambda: store.fail(row, error, is_final=is_final), seconds=OUTCOME_SECONDS)
    except Exception:
        logger.exception("Why task %s failed is not in the database.", row)
    else:
        if is_final and is_kept:
            tell_finished(row)


def tell_finished(row: EnqueuedTask) -> None:
    """Tell whoever listens. Their errors are logged: the outcome stands."""
    try:
        result = store.result_of(row)
    except InvalidTask:  # Its code is gone, as its own error says.
        return
    task_finished.send_robust(type(result.task.get_backend()), task_result=result)


@shared_task(base=BaseTask, queue=Queue.CRITICAL, leaves_dead_letter=False)
def django_tasks_send() -> None:
    """Send what has come due, and what the broker did not take or has lost."""
    for row in store.take_back_lost():
        tell_finished(row)
    for row in store.to_send()[:SENT_AT_ONCE]:
        send(row)


@shared_task(queue=Queue.BULK)
def django_tasks_purge() -> None:
    """Delete old results."""
    store.purge()
