"""What the API itself refuses, beside what DRF does.

DRF's views load parsers and pagination, so these are apart from the handler, which needs the views.
"""

from django.conf import settings
from rest_framework import exceptions, status


class TooLargeError(exceptions.APIException):
    """The body is larger than ``limit`` bytes; by default, than DATA_UPLOAD_MAX_MEMORY_SIZE."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"

    def __init__(self, limit: int | None = None) -> None:
        limit = limit or settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        super().__init__(f"The body is too large. Send at most {limit} bytes.")


class TooManyPartsError(exceptions.ParseError):
    """The request has more than ``limit`` parts of a kind: ``fields`` or ``files``."""

    def __init__(self, kind: str, limit: int | None) -> None:
        super().__init__(
            f"The request has too many {kind}. Send at most {limit}.", code=f"too_many_{kind}"
        )


class LengthRequiredError(exceptions.APIException):
    """The body comes without its length: servers hand it on as an empty one."""

    status_code = status.HTTP_411_LENGTH_REQUIRED
    default_code = "length_required"
    default_detail = "The body has no length. Send the header Content-Length."


class InvalidParameterError(exceptions.ValidationError):
    """Parameters of the query are refused: ``detail`` holds the faults of each by its name."""
