"""Turns every exception into an answer of the one error contract."""

from django.core.exceptions import BadRequest
from drf_standardized_errors.handler import ExceptionHandler as StandardizedExceptionHandler
from rest_framework import exceptions, status

from core.errors import ApplicationError, ConflictError, ForbiddenError, NotFoundError

# The first class that fits decides.
STATUS_OF_ERROR: list[tuple[type[ApplicationError], int]] = [
    (NotFoundError, status.HTTP_404_NOT_FOUND),
    (ForbiddenError, status.HTTP_403_FORBIDDEN),
    (ConflictError, status.HTTP_409_CONFLICT),
    (ApplicationError, status.HTTP_400_BAD_REQUEST),
]


class ExceptionHandler(StandardizedExceptionHandler):
    """Handles what services raise as well as what DRF and Django raise.

    https://drf-standardized-errors.readthedocs.io/en/latest/customization.html
    """

    def convert_known_exceptions(self, exc: Exception) -> Exception:
        if isinstance(exc, ApplicationError):
            return as_api_exception(exc)
        if isinstance(exc, BadRequest):
            return exceptions.ParseError()
        return super().convert_known_exceptions(exc)


def as_api_exception(error: ApplicationError) -> exceptions.APIException:
    """Return the exception of DRF that answers ``error``, with its status, code and field."""
    status_code = next(code for kind, code in STATUS_OF_ERROR if isinstance(error, kind))
    detail = error.message if error.field is None else {error.field: [error.message]}
    if error.field is not None and status_code == status.HTTP_400_BAD_REQUEST:
        return exceptions.ValidationError(detail, code=error.code)
    answer = exceptions.APIException(detail, code=error.code)
    answer.status_code = status_code
    return answer
