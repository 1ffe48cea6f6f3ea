"""The base of tasks that take long, and what beat starts."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from celery import shared_task
from django.db import transaction

from core.jobs.arguments import check_arguments
from core.jobs.errors import ASK_AGAIN_SECONDS, DATABASE_ERRORS
from core.jobs.queues import Queue
from core.jobs.tasks import BaseTask
from core.progress import runs
from core.progress.counts import Progress
from core.progress.models import TaskRun


class TrackedTask(BaseTask):
    """A task about which the user who caused it can ask the API.

    ::

        @shared_task(bind=True, base=TrackedTask, queue=Queue.BULK)
        def products_recount(self: TrackedTask) -> None:
            for number, product in enumerate(products, start=1):
                ...
                self.progress.tell(done=number, total=len(products))

    ``delay_on_commit`` and ``apply_async_on_commit`` write a row in the caller's transaction and return
    it; a view answers with ``core.progress.answers.accepted``. ``delay`` writes none: nobody could
    ask. A message that comes again after the task has succeeded does nothing.

    Attributes:
        public_name: what clients know the task by; the name of the function, if it is not given.
    """

    abstract = True
    public_name = ""

    @property
    def progress(self) -> Progress:
        """How far this run is. Called as a plain function, it tells nobody."""
        kept = vars(self.request)
        if "progress" not in kept:
            kept["progress"] = Progress(None)
        progress: Progress = kept["progress"]
        return progress

    def delay_on_commit(self, *args: Any, **kwargs: Any) -> TaskRun:  # type: ignore[override]
        return self.apply_async_on_commit(args, kwargs)

    def apply_async_on_commit(  # type: ignore[override]
        self, args: Any = None, kwargs: Any = None, *positional: Any, **options: Any
    ) -> TaskRun:
        check_arguments(self.name, args, kwargs)
        name = self.public_name or self.name.rpartition(".")[2]
        run = TaskRun.objects.create(name=name)
        options["task_id"] = str(run.pk)

        def send() -> None:
            try:
                self.apply_async(args, kwargs, *positional, **options)
            except Exception:
                runs.fail_unsent(run.pk)
                raise

        transaction.on_commit(send, robust=True)
        return run

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self.request.called_directly:
            return super().__call__(*args, **kwargs)
        key = UUID(self.request.id)
        with self._database_needed():
            if not runs.begin(key):
                return None
        vars(self.request)["progress"] = Progress(key)
        result = super().__call__(*args, **kwargs)
        with self._database_needed():
            runs.succeed(key, self.progress.counts)
        return result

    def on_given_up(self, error: BaseException, *, task_id: str, args: Any) -> None:  # noqa: ARG002 (of the base)
        runs.fail(UUID(task_id), error, self.progress.counts)

    @contextmanager
    def _database_needed(self) -> Iterator[None]:
        """Have the task tried again later if the database is away."""
        try:
            yield
        except DATABASE_ERRORS as error:
            raise self.retry(exc=error, countdown=ASK_AGAIN_SECONDS) from error


@shared_task(base=BaseTask, queue=Queue.DEFAULT, leaves_dead_letter=False)
def progress_tidy() -> None:
    """End what was lost, and delete what is old."""
    runs.tidy()
