"""The jobs, in a worker."""

from typing import Any
from uuid import UUID

from celery import shared_task

from core.exchange import runner
from core.jobs.queues import Queue
from core.jobs.tasks import BaseTask


class ExchangeTask(BaseTask):
    """Tells the job when there will be no further try."""

    abstract = True

    def on_given_up(self, error: BaseException, *, task_id: str, args: Any) -> None:  # noqa: ARG002 (of the base)
        runner.fail(UUID(args[0]))


@shared_task(base=ExchangeTask, queue=Queue.BULK)
def exchange_job_run(job_id: str) -> None:
    """Do a job."""
    runner.run(UUID(job_id))


@shared_task(base=BaseTask, queue=Queue.DEFAULT, leaves_dead_letter=False)
def exchange_resume() -> None:
    """Send the messages of jobs again that were lost."""
    for job_id in runner.take_lost():
        exchange_job_run.delay(str(job_id))


@shared_task(base=BaseTask, queue=Queue.BULK)
def exchange_purge() -> None:
    """Delete old jobs with their files, and old files that belong to no job."""
    runner.purge()
