"""The base of every task."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from celery.contrib.django.task import DjangoTask
from django.db import InterfaceError, OperationalError, transaction

from core.identity.actor import acting_as
from core.identity.headers import identity_headers, user_id_of

# What may be over at the next try: a server that is away, a deadlock, a time-out.
TRANSIENT_ERRORS = (OperationalError, InterfaceError, ConnectionError, TimeoutError)


class BaseTask(DjangoTask[Any, Any]):
    """A task that acts for the user who caused it, and tries again when trying again may help.

    A message can arrive twice, so a task must do no harm when it runs twice. Send a task from
    a transaction with ``delay_on_commit``: before the commit a worker would not find the rows.

    https://docs.celeryq.dev/en/stable/userguide/tasks.html#automatic-retry-for-known-exceptions
    """

    abstract = True
    autoretry_for = TRANSIENT_ERRORS
    max_retries = 5
    retry_backoff = 2  # Seconds before the first retry, doubled each time.
    retry_backoff_max = 10 * 60
    retry_jitter = True

    def apply_async(
        self,
        args: Any = None,
        kwargs: Any = None,
        *positional: Any,
        headers: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> Any:
        headers = {**identity_headers(), **(headers or {})}
        return super().apply_async(args, kwargs, *positional, headers=headers, **options)

    def delay_on_commit(self, *args: Any, **kwargs: Any) -> Any:
        """Send the task once the transaction is committed.

        What was committed stands, so a broker that is away then fails nothing; it is logged.
        """

        def send() -> None:
            self.delay(*args, **kwargs)

        transaction.on_commit(send, robust=True)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self.request.called_directly:  # As a plain function: whoever calls it acts.
            return super().__call__(*args, **kwargs)
        # Not super(), which would hide the request, and with it the count of retries.
        with acting_as(self._acting_user_id()):
            return self.run(*args, **kwargs)

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

    def _acting_user_id(self) -> UUID | None:
        """A worker merges a message's headers into the request; an eager call keeps them apart."""
        return user_id_of(vars(self.request)) or user_id_of(self.request.headers or {})
