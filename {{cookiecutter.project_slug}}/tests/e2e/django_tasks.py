"""Tasks as Django has them."""

import os
import signal
from contextlib import suppress
from pathlib import Path
from typing import Any

from celery import current_task
from celery.exceptions import SoftTimeLimitExceeded
from django.tasks import TaskContext, task

from core.identity.actor import current_user_id
from core.identity.origin import current_origin
from core.jobs.effects import once


@task
def add(first: int, second: int = 0) -> int:
    return first + second


@task(queue_name="bulk")
def in_bulk() -> None:
    """Wait in a queue of its own choice."""


@task
def queue_it_came_by() -> str:
    """Tell by which queue its message came."""
    routing_key: str = current_task.request.delivery_info["routing_key"]
    return routing_key.rpartition(".")[2]


@task(takes_context=True)
def identity(context: TaskContext) -> dict[str, Any]:
    """Tell for whom it runs, and which attempt this is."""
    return {
        "user": str(current_user_id()),
        "request": current_origin().request_id,
        "attempt": context.attempt,
    }


@task(takes_context=True)
def fail_once(context: TaskContext) -> str:
    """Fail as a server that is away makes tasks fail, and work at the second try."""
    if context.attempt < 2:
        raise ConnectionError("away")
    return "done"


@task
async def double(number: int) -> int:
    return 2 * number


@task
def fail() -> None:
    raise ValueError("no")


@task
def fail_in_odd_characters() -> None:
    """Fail with what neither JSON in a database nor UTF-8 has."""
    raise ValueError("\0 \ud800")


@task(takes_context=True)
def hold_effect(context: TaskContext) -> None:
    """Have an effect, once."""
    with once(context.task_result.id):
        pass


@task
def always_away() -> None:
    raise ConnectionError("away")


@task
def kill_process(journal: str) -> None:
    """Kill the process that runs it, as the kernel does that is out of memory."""
    with Path(journal).open("a", encoding="utf-8") as file:
        file.write("began\n")
    os.kill(os.getpid(), signal.SIGKILL)


@task
def hang() -> None:
    """Hang for ever, whatever it is told."""
    while True:
        with suppress(SoftTimeLimitExceeded):
            signal.pause()


def plain() -> None:
    """Have no decorator of its own."""


hidden = task(plain)
