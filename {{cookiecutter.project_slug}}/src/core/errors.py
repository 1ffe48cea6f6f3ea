"""What a service raises when a rule of the business refuses a request.

``core.api.exceptions`` turns each into an HTTP answer; nothing here knows of HTTP.
"""

from collections.abc import Mapping, Sequence


class ApplicationError(Exception):
    """A request that the rules refuse.

    ``code`` is stable: clients branch on it. ``message`` is for people and may change.
    """

    code: str = "application_error"

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


class UnavailableError(ApplicationError):
    """A system that this needs does not answer; the same request may succeed later."""

    code = "unavailable"


class ConflictError(ApplicationError):
    """The state of things does not allow it, though the input is well-formed."""

    code = "conflict"


class StaleRecordError(ConflictError):
    """Somebody else has written the record since it was read."""

    code = "stale_record"


class PreconditionFailedError(ApplicationError):
    """The request was made for another state of things than they are in."""

    code = "precondition_failed"


class PreconditionRequiredError(ApplicationError):
    """The request does not say for which state of things it was made."""

    code = "precondition_required"


class TooManyItemsError(ApplicationError):
    """A bulk request has more items than one request may have."""

    code = "too_many_items"


class ItemsRefusedError(ApplicationError):
    """Items of a bulk request are refused, so nothing of it was done."""

    code = "items_refused"

    def __init__(
        self, faults: Mapping[int, Sequence[ApplicationError]], *, name: str = "items"
    ) -> None:
        """Describe the refusal.

        Args:
            faults: what is wrong with each refused item, by its index; ``field`` is the item's.
            name: the member of the input that holds the items.
        """
        super().__init__(f"{len(faults)} items are refused, so nothing was done.", field=name)
        self.faults = faults
        self.name = name


class UnprocessableError(ApplicationError):
    """The request is well-formed, but asks for what makes no sense."""

    code = "unprocessable"
