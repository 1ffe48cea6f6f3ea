"""Tasks that fail, hang and tell, for ``celery worker --include tests.e2e.tasks``.

Each writes a line for each time that it runs into a file, the journal.
"""

import json
import os
import signal
import time
from collections.abc import Mapping
from contextlib import suppress
from logging import getLogger
from pathlib import Path
from typing import Any

from celery import Task, shared_task
from celery.exceptions import Reject, SoftTimeLimitExceeded
from django.conf import settings

from apps.users.models import User
from core.identity.actor import current_user_id
from core.identity.origin import current_origin
from core.identity.trace import current_trace
from core.jobs.effects import once
from core.jobs.queues import Queue
from core.progress.tasks import TrackedTask


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


@shared_task(queue=Queue.DEFAULT)
def tell_trace(journal: str) -> None:
    """Write into the journal what it would tell whom it calls of its trace."""
    trace = current_trace()
    with Path(journal).open("a", encoding="utf-8") as file:
        file.write(json.dumps(trace.headers if trace else {}) + "\n")


@shared_task(queue=Queue.DEFAULT)
def leak(secret: str) -> None:
    """Print a secret into the log, and fail with it."""
    getLogger(__name__).warning("password=%s", secret)
    raise ValueError(f"postgres://user:{secret}@database/service")


@shared_task(queue=Queue.DEFAULT)
def leak_everything(body: dict[str, str], credentials: str) -> None:
    """Print all that a task knows into the log, and fail with it."""
    known = [body, {"Authorization": credentials}, dict(os.environ), settings.DATABASES]
    getLogger(__name__).warning("Running with %s", known)
    raise RuntimeError(settings.SECRET_KEY, known)


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


@shared_task(bind=True, queue=Queue.BULK)
def fail_until(self: Task[Any, Any], journal: str, *, mended: str) -> None:
    """Fail as long as there is no file ``mended``; then tell for whom it ran."""
    if not Path(mended).exists():
        raise ValueError("Somebody has to mend this first.")
    line = {"user": str(current_user_id()), "request": current_origin().request_id}
    with Path(journal).open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")


@shared_task(queue=Queue.DEFAULT)
def reject() -> None:
    """Refuse the message."""
    raise Reject("Nobody wants this.", requeue=False)


@shared_task(queue=Queue.DEFAULT, soft_time_limit=1, time_limit=2)
def hang() -> None:
    """Hang for ever, whatever it is told."""
    while True:
        with suppress(SoftTimeLimitExceeded):
            signal.pause()


@shared_task(bind=True, queue=Queue.DEFAULT)
def end_process(self: Task[Any, Any], journal: str) -> None:
    """End the process that runs it, as a fault of a library in C does."""
    _write(journal, self.request)
    os._exit(1)


@shared_task(bind=True, queue=Queue.DEFAULT)
def end_worker(self: Task[Any, Any], journal: str) -> None:
    """End the whole worker, as the kernel does that is out of memory, when the test is ready."""
    _write(journal, self.request)
    ready = Path(f"{journal}-{len(read(Path(journal)))}")
    while not ready.exists():
        time.sleep(0.02)
    os.kill(os.getppid(), signal.SIGKILL)
    os.kill(os.getpid(), signal.SIGKILL)


@shared_task(bind=True, base=TrackedTask, queue=Queue.BULK)
def count_slowly(self: TrackedTask, journal: str) -> None:
    """Count to 3: the last when the test is ready."""
    self.progress.tell(done=2, total=3)
    _write(journal, self.request)
    while not Path(f"{journal}-end").exists():
        time.sleep(0.02)
    self.progress.tell(done=3)


@shared_task(queue=Queue.DEFAULT)
def user_add(email: str) -> None:
    """Make an account, which is stamped with who acts."""
    User.objects.create_user(email)


@shared_task(bind=True, queue=Queue.DEFAULT)
def act_once(self: Task[Any, Any], journal: str, key: str, hang: str = "") -> None:
    """Have an effect, a line in the journal, once for each key.

    The first one hangs ``within`` the effect, or ``after`` it.
    """
    with once(key, lease_seconds=2) as is_first:
        if is_first:
            _write(journal, self.request)
            if hang == "within" and len(read(Path(journal))) == 1:
                signal.pause()
    if hang == "after" and is_first:
        signal.pause()
