"""Runs tasks here, one of which fails, and fails itself, with all that they know."""

import os
from typing import Any

from celery import Task, shared_task
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.jobs.queues import Queue
from tests.e2e.tasks import leak_everything


@shared_task(bind=True, queue=Queue.DEFAULT)
def come_back(self: Task[Any, Any]) -> None:
    """Fail as a server that is away makes tasks fail, and work at the third try."""
    if self.request.retries < 2:
        raise ConnectionError("The other side is away.")


class Command(BaseCommand):
    # Some ask servers, which are not there.
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        for name in ("password", "token", "bearer"):
            parser.add_argument(name)

    def handle(self, *_: Any, **given: Any) -> None:
        if not come_back.apply().successful():
            raise CommandError("The task that is tried again does not end well.")
        body = {name: given[name] for name in ("password", "token")}
        leak_everything.apply((body, f"Bearer {given['bearer']}"), task_id="leaking")
        raise RuntimeError(settings.SECRET_KEY, dict(os.environ), body)
