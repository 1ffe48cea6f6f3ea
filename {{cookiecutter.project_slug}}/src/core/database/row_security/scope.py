"""Whose rows the running code may reach."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID


@dataclass(frozen=True)
class Scope:
    """Reaches the rows of ``user_id``, and with ``all_rows`` everybody's; with neither, none."""

    user_id: UUID | None = None
    all_rows: bool = False


NOBODY = Scope()
SYSTEM = Scope(all_rows=True)


class Process:
    """What code of this process reaches when it serves nobody: nothing, unless the process says so."""

    scope: ClassVar[Scope] = NOBODY


# Asked before each statement: of whom a request comes is known only once the API has authenticated it.
_resolve: ContextVar[Callable[[], Scope]] = ContextVar("row_scope", default=lambda: Process.scope)


def current_scope() -> Scope:
    """Return whose rows the running code may reach."""
    return _resolve.get()()


def reach_all_rows() -> None:
    """Let this process reach all rows, but where it serves somebody: for workers and commands."""
    Process.scope = SYSTEM


@contextmanager
def reaching(scope: Callable[[], Scope] | Scope) -> Iterator[None]:
    """Run the block, or the function that it decorates, with a scope, or with what a function says.

    ::

        with reaching(SYSTEM):
            ...
    """
    token = _resolve.set(scope if callable(scope) else lambda: scope)
    try:
        yield
    finally:
        _resolve.reset(token)
