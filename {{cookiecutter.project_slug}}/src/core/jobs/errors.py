"""Why a task cannot go on now."""

from django.db import DatabaseError, InterfaceError

# The database did not do what it was asked; each driver has its own reasons.
DATABASE_ERRORS = (DatabaseError, InterfaceError)
# Before a task is tried again that the database, being away, could not be asked about.
ASK_AGAIN_SECONDS = 30


class PermanentError(Exception):
    """No later try can help, and no other release."""


class EffectHeldError(Exception):
    """Another worker is at the effect of ``key``, for at most ``seconds`` more."""

    def __init__(self, key: str, *, seconds: float) -> None:
        super().__init__(f"Another worker is at {key!r}, for at most {seconds:.1f} s more.")
        self.seconds = seconds
