"""A line in the log for what matters to the safety of an account: no address of mail, no secret."""

import logging
from uuid import UUID

from core.identity.origin import current_origin

logger = logging.getLogger("security")


def log_event(event: str, *, user_id: UUID | None = None) -> None:
    """Log ``event``, such as ``password_changed``, with the account, and where it was asked for."""
    origin = current_origin()
    logger.info(
        "event=%s user=%s address=%s request=%s",
        event,
        user_id or "-",
        origin.remote_address or "-",
        origin.request_id or "-",
    )
