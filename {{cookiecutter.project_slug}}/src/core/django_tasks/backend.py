"""The backend that ``TASKS`` names."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.apps import apps
from django.core import checks
from django.db import transaction
from django.tasks import Task, TaskResult
from django.tasks.backends.base import BaseTaskBackend
from django.tasks.exceptions import InvalidTask, TaskResultDoesNotExist
from django.tasks.signals import task_enqueued
from django.utils import timezone
from django.utils.json import normalize_json

from core.identity.headers import identity_headers
from core.jobs.arguments import check_arguments
from core.jobs.queues import Queue


class CeleryBackend(BaseTaskBackend):
    """Hands tasks over to Celery: the row in the caller's transaction, the message after its commit.

    Whatever fails with one of ``core.jobs.tasks.TRANSIENT_ERRORS`` is tried again as ``BaseTask``
    says; a result is ``FAILED`` after the last attempt. A worker that dies leaves its task to another, so
    that a task must do no harm when it runs twice; one whose workers die too often is ``FAILED`` too.

    https://docs.djangoproject.com/en/stable/ref/tasks/#backends
    """

    supports_defer = True
    supports_async_task = True
    supports_get_result = True
    supports_priority = True

    def enqueue(
        self, task: "Task[Any, Any]", args: Iterable[Any], kwargs: dict[str, Any]
    ) -> "TaskResult[Any, Any]":
        """Enqueue a call.

        Raises:
            InvalidTask: if a worker could not find the task, or this backend cannot run it.
            TypeError, ValueError: for arguments that ``core.jobs.arguments`` refuses.
        """
        from core.django_tasks import store, tasks  # noqa: PLC0415 (needs the models)
        from core.django_tasks.models import EnqueuedTask  # noqa: PLC0415

        self.validate_task(task)
        if store.task_at(task.module_path).func != task.func:
            raise InvalidTask(f"{task.module_path} leads to another task.")
        check_arguments(task.module_path, list(args), kwargs)
        now = timezone.now()
        row = EnqueuedTask.objects.create(
            path=task.module_path,
            backend=self.alias,
            queue_name=task.queue_name,
            priority=task.priority,
            run_after=task.run_after,
            args=normalize_json(list(args)),
            kwargs=normalize_json(kwargs),
            headers=identity_headers(),
            enqueued_at=now,
        )
        result = store.result_of(row)
        task_enqueued.send(type(self), task_result=result)
        if task.run_after is None or task.run_after <= now + store.SEND_AHEAD:
            # A broker that is away then fails nothing: beat sends it again.
            transaction.on_commit(lambda: tasks.send(row), robust=True)
        return result

    def get_result(self, result_id: str) -> "TaskResult[Any, Any]":
        """Return how a call stands.

        Raises:
            TaskResultDoesNotExist: if there is none of this id, or none any more.
        """
        from core.django_tasks import store  # noqa: PLC0415 (needs the models)
        from core.django_tasks.models import EnqueuedTask  # noqa: PLC0415

        try:
            row = EnqueuedTask.objects.get(pk=UUID(str(result_id)), backend=self.alias)
        except (EnqueuedTask.DoesNotExist, ValueError) as error:
            raise TaskResultDoesNotExist(result_id) from error
        return store.result_of(row)

    def check(self, **kwargs: Any) -> list[checks.CheckMessage]:
        """Return what is wrong with this backend's entry in ``TASKS``."""
        found: list[checks.CheckMessage] = []
        unknown = sorted(self.queues - set(Queue))
        if unknown or not self.queues:  # None at all would mean any.
            found.append(
                checks.Error(
                    f"TASKS[{self.alias!r}] allows queues that no worker consumes: "
                    f"{', '.join(unknown) or 'any'}.",
                    hint=f"QUEUES may have {', '.join(Queue)}.",
                    id="django_tasks.E001",
                )
            )
        if self.options:
            found.append(
                checks.Error(
                    f"TASKS[{self.alias!r}] has OPTIONS, of which this backend knows none.",
                    id="django_tasks.E002",
                )
            )
        if not apps.is_installed("core.django_tasks"):
            found.append(
                checks.Error(
                    f"TASKS[{self.alias!r}] needs a table.",
                    hint="Add core.django_tasks to INSTALLED_APPS.",
                    id="django_tasks.E003",
                )
            )
        return found
