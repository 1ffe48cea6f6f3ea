"""Tasks as Django has them."""

from typing import Any

from django.tasks import TaskContext, task

from core.identity.actor import current_user_id
from core.identity.origin import current_origin


@task
def add(first: int, second: int = 0) -> int:
    return first + second


@task(queue_name="bulk")
def in_bulk() -> None:
    """Wait in a queue of its own choice."""


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
def always_away() -> None:
    raise ConnectionError("away")


def plain() -> None:
    """Have no decorator of its own."""


hidden = task(plain)
