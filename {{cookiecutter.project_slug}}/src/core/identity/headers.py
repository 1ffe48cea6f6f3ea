"""Carries the acting user in the headers of a message, from who sends a task to who runs it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from core.identity.actor import current_user_id

ACTING_USER_HEADER = "acting_user_id"


def identity_headers() -> dict[str, str]:
    """Return the headers that name the acting user; none for the service itself."""
    user_id = current_user_id()
    return {ACTING_USER_HEADER: str(user_id)} if user_id else {}


def user_id_of(headers: Mapping[str, Any]) -> UUID | None:
    """Return the id of the user that ``headers`` name, or ``None``."""
    value = headers.get(ACTING_USER_HEADER)
    return UUID(value) if value else None
