"""What workers run, and what beat starts."""

from typing import Any
from uuid import UUID

from celery import shared_task
from django.tasks import TaskContext
from django.tasks.signals import task_finished, task_started
from django.utils.json import normalize_json

from core.django_tasks import store
from core.django_tasks.models import EnqueuedTask
from core.jobs.queues import Queue
from core.jobs.tasks import BaseTask

SENT_AT_ONCE = 1000


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
    store.mark_sent(row.pk)


@shared_task(bind=True, base=BaseTask, queue=Queue.DEFAULT)
def django_task_run(self: BaseTask, key: str) -> None:
    """Run an enqueued task once more, and keep what came of it."""
    request = self.request
    is_again = bool(request.retries or (request.delivery_info or {}).get("redelivered"))
    row = store.begin(UUID(key), worker=request.hostname or "", is_again=is_again)
    if row is None:
        return
    try:
        result = store.result_of(row)
        task = result.task
        task_started.send(type(task.get_backend()), task_result=result)
        context: list[Any] = [TaskContext(task_result=result)] if task.takes_context else []
        value = normalize_json(task.call(*context, *result.args, **result.kwargs))
    except Exception as error:
        is_passing = isinstance(error, self.autoretry_for)
        is_final = not is_passing or request.retries >= (self.max_retries or 0)
        store.fail(row, error, is_final=is_final)
        if is_final:
            tell_finished(row)
        raise
    store.succeed(row, value)
    tell_finished(row)


def tell_finished(row: EnqueuedTask) -> None:
    result = store.result_of(row)
    task_finished.send(type(result.task.get_backend()), task_result=result)


@shared_task(base=BaseTask, queue=Queue.CRITICAL, leaves_dead_letter=False)
def django_tasks_send() -> None:
    """Send what has come due, and what the broker did not take or has lost."""
    store.take_back_lost()
    for row in store.to_send()[:SENT_AT_ONCE]:
        send(row)


@shared_task(queue=Queue.BULK)
def django_tasks_purge() -> None:
    """Delete old results."""
    store.purge()
