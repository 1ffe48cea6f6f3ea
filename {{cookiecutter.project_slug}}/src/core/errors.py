"""What a service raises when a rule of the business refuses a request.

``core.api.exceptions`` turns each into an HTTP answer; nothing here knows of HTTP.
"""

from typing import ClassVar


class ApplicationError(Exception):
    """A request that the rules refuse.

    ``code`` is stable: clients branch on it. ``message`` is for people and may change.
    """

    code: ClassVar[str] = "application_error"

    def __init__(self, message: str, *, field: str | None = None) -> None:
        """Describe the refusal.

        Args:
            message: what was wrong, and what would be right. Clients see it.
            field: the field of the input that it is about, such as ``lines.0.quantity``.
        """
        super().__init__(message)
        self.message = message
        self.field = field


class NotFoundError(ApplicationError):
    """The thing does not exist, or not for this user."""

    code = "not_found"


class ForbiddenError(ApplicationError):
    """This user may not do that."""

    code = "permission_denied"


class ConflictError(ApplicationError):
    """The state of things does not allow it, though the input is well-formed."""

    code = "conflict"
