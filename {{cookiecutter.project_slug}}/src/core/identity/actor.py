"""The user on whose behalf the running code acts."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import UUID

# Returns the acting user's id when asked: within a request it is known only once the API has
# authenticated it, which is after every middleware has run.
_resolve: ContextVar[Callable[[], UUID | None]] = ContextVar("actor", default=lambda: None)


def current_user_id() -> UUID | None:
    """Return the id of the acting user; ``None`` for the service itself and for anonymous calls."""
    return _resolve.get()()


@contextmanager
def acting_as(user_id: Callable[[], UUID | None] | UUID | None) -> Iterator[None]:
    """Run the block on behalf of a user, given by id or by a function that finds the id."""
    token = _resolve.set(user_id if callable(user_id) else lambda: user_id)
    try:
        yield
    finally:
        _resolve.reset(token)
