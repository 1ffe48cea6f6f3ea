"""The base of every task."""

import logging
from collections.abc import Mapping
from math import ceil
from typing import Any

from celery import shared_task
from celery.contrib.django.task import DjangoTask
from celery.exceptions import TimeLimitExceeded
from django.db import InterfaceError, OperationalError, transaction

from core.database.connections import insist
from core.http.errors import HttpTransientError
from core.identity.actor import acting_as
from core.identity.headers import identity_headers, origin_of, trace_of, user_id_of
from core.identity.origin import Origin, originating_from
from core.identity.trace import traced
from core.jobs.arguments import check_arguments
from core.jobs.errors import EffectHeldError
from core.jobs.queues import Queue
from core.jobs.signals import task_redelivered

logger = logging.getLogger(__name__)

# What may be over at the next try: a server that is away, a deadlock, a time-out.
TRANSIENT_ERRORS = (
    OperationalError,
    InterfaceError,
    ConnectionError,
    TimeoutError,
    HttpTransientError,
)


class BaseTask(DjangoTask[Any, Any]):
    """A task that acts for the user who caused it, and tries again when trying again may help.

    A message can arrive twice, so a task must do no harm when it runs twice. Send a task from
    a transaction with ``delay_on_commit``: before the commit a worker would not find the rows.
    Its arguments are small and JSON, see ``core.jobs.arguments``.

    Errors of ``autoretry_for`` are tried again, each time after a random part of a span that doubles
    (full jitter), so that many tasks that failed together do not come back together. Any other error
    fails the task at once.

    https://docs.celeryq.dev/en/stable/userguide/tasks.html#automatic-retry-for-known-exceptions
    """

    abstract = True
    autoretry_for = TRANSIENT_ERRORS
    max_retries = 5
    retry_backoff = 2  # Seconds before the first retry at most, doubled each time.
    retry_backoff_max = 10 * 60
    # https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
    retry_jitter = True
    # Keep its message when it fails. False for what somebody sends again soon anyway; what ends its
    # worker is kept all the same.
    leaves_dead_letter = True

    def apply_async(
        self,
        args: Any = None,
        kwargs: Any = None,
        *positional: Any,
        headers: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> Any:
        check_arguments(self.name, args, kwargs)
        headers = {**identity_headers(), **(headers or {})}
        return super().apply_async(args, kwargs, *positional, headers=headers, **options)

    def delay_on_commit(self, *args: Any, **kwargs: Any) -> Any:
        """Send the task once the transaction is committed.

        What was committed stands, so a broker that is away then fails nothing; it is logged.

        Raises:
            TypeError, ValueError: at once, for arguments that ``core.jobs.arguments`` refuses.
        """
        self.apply_async_on_commit(args, kwargs)

    def apply_async_on_commit(
        self, args: Any = None, kwargs: Any = None, *positional: Any, **options: Any
    ) -> Any:
        """Like ``delay_on_commit``, with the options of ``apply_async``."""
        check_arguments(self.name, args, kwargs)

        def send() -> None:
            self.apply_async(args, kwargs, *positional, **options)

        transaction.on_commit(send, robust=True)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self.request.called_directly:  # As a plain function: whoever calls it acts.
            return super().__call__(*args, **kwargs)
        if (self.request.delivery_info or {}).get("redelivered"):
            task_redelivered.send(sender=type(self), task=self)
        # Not super(), which would hide the request, and with it the count of retries.
        headers = self._headers()
        with (
            acting_as(user_id_of(headers)),
            originating_from(self.origin),
            traced(trace_of(headers)),
        ):
            try:
                return self.run(*args, **kwargs)
            except EffectHeldError as error:
                raise self.retry(exc=error, countdown=ceil(error.seconds) + 1) from error

    def on_given_up(self, error: BaseException, *, task_id: str, args: Any) -> None:
        """Note in the database that the task will not be tried again; tasks override it.

        It may be called twice.
        """

    def on_failure(self, exc: Any, task_id: str, args: Any, *_: Any) -> None:
        # Over what is raised here Celery would forget the task's own error, and nobody would keep its
        # dead letter.
        try:
            if isinstance(exc, TimeLimitExceeded):
                # Told by the worker's main process, before it kills who hangs and may hold locks.
                task_give_up.apply_async((self.name, task_id, args, exc.args[0]), retry=False)
            else:
                # The connection may be what the task failed of.
                insist(lambda: self.on_given_up(exc, task_id=task_id, args=args), seconds=0)
        except Exception:
            logger.exception("%s[%s] could not note that it failed.", self.name, task_id)

    def signature_from_request(
        self,
        request: Any = None,
        args: Any = None,
        kwargs: Any = None,
        queue: str | None = None,
        **options: Any,
    ) -> Any:
        """Return what a retry sends: to the queue that the message came from.

        Its routing key ends in the queue's name; a delay stands before it, see
        ``kombu.transport.native_delayed_delivery``.
        """
        came_by = (request or self.request).delivery_info or {}
        queue = queue or (came_by.get("routing_key") or "").rpartition(".")[2] or None
        return super().signature_from_request(request, args, kwargs, queue=queue, **options)

    @property
    def origin(self) -> Origin:
        """Where the message that runs was asked for."""
        return origin_of(self._headers()) or self._own_origin()

    def _headers(self) -> Mapping[str, Any]:
        """A worker merges a message's headers into the request; an eager call keeps them apart."""
        if self.request.is_eager:
            return self.request.headers or {}
        return vars(self.request)

    def _own_origin(self) -> Origin:
        """Where no request caused it, the task that came first names what it and its own tasks do."""
        return Origin(request_id=self.request.root_id or self.request.id or "")


@shared_task(bind=True, base=BaseTask, queue=Queue.DEFAULT)
def task_give_up(self: BaseTask, name: str, task_id: str, args: list[Any], limit: float) -> None:
    """Have the task called ``name`` note that it passed its hard ``limit``, in seconds."""
    task: Any = self.app.tasks[name]
    task.on_given_up(TimeLimitExceeded(limit), task_id=task_id, args=args)


@shared_task(base=BaseTask, queue=Queue.BULK)
def effects_purge() -> None:
    """Forget effects that are done for long."""
    # Not above: whoever imports the base may do so before Django has its models.
    from core.jobs import effects  # noqa: PLC0415

    effects.purge()
