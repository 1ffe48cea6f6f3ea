"""Tasks that fail, hang and tell, for ``celery worker --include tests.e2e.tasks``.

Each writes a line for each time that it runs into a file, the journal.
"""

import json
import os
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from celery import Task, shared_task

from apps.users.models import User
from core.jobs.queues import Queue


def read(journal: Path) -> list[dict[str, Any]]:
    """Return what tasks have written into ``journal``, a line for each run."""
    if not journal.exists():
        return []
    return [json.loads(line) for line in journal.read_text("utf-8").splitlines()]


def _write(journal: str, request: Any) -> None:
    info: Mapping[str, Any] = request.delivery_info
    line = {
        "process": os.getpid(),
        "retries": request.retries,
        "queue": info["routing_key"].rpartition(".")[2],
    }
    # One call, so that lines of several processes never mix.
    with Path(journal).open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")


@shared_task(bind=True, queue=Queue.DEFAULT)
def tell(self: Task[Any, Any], journal: str) -> None:
    """Write into the journal that it ran."""
    _write(journal, self.request)


@shared_task(
    bind=True, queue=Queue.CRITICAL, retry_backoff=1, retry_backoff_max=1, retry_jitter=False
)
def fail_twice(self: Task[Any, Any], journal: str) -> None:
    """Fail as a server that is away makes tasks fail, and work at the third try."""
    _write(journal, self.request)
    if self.request.retries < 2:
        raise ConnectionError("The other side is away.")


@shared_task(bind=True, queue=Queue.DEFAULT)
def hang_once(self: Task[Any, Any], journal: str) -> None:
    """Hang for ever when it runs for the first time, and work after that."""
    is_first = not read(Path(journal))
    _write(journal, self.request)
    if is_first:
        signal.pause()


@shared_task(queue=Queue.DEFAULT)
def user_add(email: str) -> None:
    """Make an account, which is stamped with who acts."""
    User.objects.create_user(email)
