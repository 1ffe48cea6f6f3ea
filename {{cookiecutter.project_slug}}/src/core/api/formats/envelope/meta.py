"""What an envelope says about the answer itself."""

from typing import Any

from core.identity.origin import current_origin


def meta(**more: Any) -> dict[str, Any]:
    """Return the id of the request, and ``more``."""
    return {"request_id": current_origin().request_id, **more}
