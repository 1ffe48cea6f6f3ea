"""Where tasks end badly, in a worker's processes and in the process that sends and runs them.

https://docs.celeryq.dev/en/stable/userguide/signals.html
"""

import logging
from typing import Any

from celery import Task
from celery.app.task import Context
from celery.exceptions import Reject, TimeLimitExceeded, WorkerLostError
from celery.signals import task_failure, task_postrun
from celery.states import REJECTED
from celery.worker import state as worker_state
from celery.worker.request import Request
from django.conf import settings

from core.dead_letters import broker, letters, services
from core.dead_letters.letters import Letter, PoisonedError
from core.errors import UnavailableError
from core.jobs.errors import ASK_AGAIN_SECONDS, DATABASE_ERRORS
from core.jobs.queues import Queue
from core.jobs.signals import task_redelivered
from core.jobs.tasks import BaseTask

logger = logging.getLogger(__name__)


def connect() -> None:
    """Have this room told of what happens to tasks."""
    task_failure.connect(on_failure, dispatch_uid="core.dead_letters")
    task_postrun.connect(on_end, dispatch_uid="core.dead_letters")
    task_redelivered.connect(on_redelivery, dispatch_uid="core.dead_letters")
    # https://docs.celeryq.dev/en/stable/userguide/tasks.html#requests-and-custom-requests
    BaseTask.Request = f"{LetterRequest.__module__}:{LetterRequest.__qualname__}"


def on_redelivery(*, task: Task[Any, Any], **_: Any) -> None:
    """Refuse to run a message again that ended its worker too often.

    What is counted is committed before the task runs, since it may not live to tell.

    Raises:
        PoisonedError: it has come back more than ``TASK_REDELIVERY_LIMIT`` times.
    """
    request = task.request
    try:
        count = services.redelivery_count(task_id=request.id or "")
    except DATABASE_ERRORS as error:
        raise task.retry(exc=error, countdown=ASK_AGAIN_SECONDS) from error
    if count > settings.TASK_REDELIVERY_LIMIT:
        raise PoisonedError(f"It came back {count} times from workers that did not end it.")


def on_failure(
    *, sender: Task[Any, Any], task_id: str, exception: BaseException, einfo: Any, **_: Any
) -> None:
    """Keep the letter of a task that gave up."""
    # Where a worker's main process tells it without the request, others have kept the letter.
    if sender.request.id != task_id:
        return
    if not (leaves_letter(sender) or isinstance(exception, PoisonedError | WorkerLostError)):
        return
    letter = letters.of_request(
        sender.request,
        task=sender.name,
        queue=queue_of(sender),
        error=exception,
        trace=str(einfo.traceback) if einfo else "",
    )
    if isinstance(exception, WorkerLostError):
        hand_over(letter)
    else:
        keep(letter, is_eager=sender.request.is_eager)


def on_end(*, sender: Task[Any, Any], task_id: str, retval: Any, state: str, **_: Any) -> None:
    """Keep the letter of a task that rejects its message, and forget how often that was begun."""
    request = sender.request
    if state == REJECTED and isinstance(retval, Reject) and not getattr(retval, "requeue", False):
        if leaves_letter(sender):
            letter = letters.of_request(
                request, task=sender.name, queue=queue_of(sender), error=retval
            )
            keep(letter, is_eager=request.is_eager)
    # No state: the process is about to end. Rejected: it will come back.
    elif state not in {None, REJECTED} and (request.delivery_info or {}).get("redelivered"):
        services.redelivery_end(task_id=task_id)


class LetterRequest(Request):
    """A message in a worker's main process, which ends what passes its hard time limit."""

    def on_timeout(self, soft: bool, timeout: float) -> None:  # noqa: FBT001 (as Celery calls it)
        if not (soft or worker_state.should_terminate):
            letter = letters.of_request(
                Context(self.request_dict),
                task=self.task.name,
                queue=queue_of(self.task),
                error=TimeLimitExceeded(timeout),
            )
            if not hand_over(letter):
                self.reject(requeue=True)
        super().on_timeout(soft, timeout)


def keep(letter: Letter, *, is_eager: bool) -> None:
    """Write a letter down, or hand it to the broker while the database is away."""
    try:
        services.dead_letter_keep(letter=letter)
    except DATABASE_ERRORS:
        logger.exception("the dead letter of task %s is not in the database", letter.task_id)
        if not is_eager:
            hand_over(letter, nudge=False)


def hand_over(letter: Letter, *, nudge: bool = True) -> bool:
    """Put a letter into the broker, and have a worker drain it; tell whether it is there.

    A worker's main process has no time for the database.
    """
    try:
        broker.post(letter)
    except UnavailableError:
        logger.exception("the dead letter of task %s is lost to the broker too", letter.task_id)
        return False
    if nudge:
        broker.ask_to_drain()
    return True


def leaves_letter(task: Task[Any, Any]) -> bool:
    return bool(getattr(task, "leaves_dead_letter", True))


def queue_of(task: Task[Any, Any]) -> str:
    return str(getattr(task, "queue", None) or Queue.DEFAULT)
