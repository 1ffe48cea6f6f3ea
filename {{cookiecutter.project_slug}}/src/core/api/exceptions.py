"""Turns every exception into an answer of the one error contract."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.exceptions import (
    BadRequest,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.http import UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from drf_standardized_errors.handler import ExceptionHandler as StandardizedExceptionHandler
from rest_framework import exceptions, status
from rest_framework.settings import api_settings

from core.api.refusals import TooLargeError, TooManyPartsError
from core.errors import (
    ApplicationError,
    ConflictError,
    ForbiddenError,
    ItemsRefusedError,
    NotFoundError,
    PreconditionFailedError,
    PreconditionRequiredError,
    TooManyItemsError,
    UnavailableError,
    UnprocessableError,
)

# The first class that fits decides.
STATUS_OF_ERROR: list[tuple[type[ApplicationError], int]] = [
    (NotFoundError, status.HTTP_404_NOT_FOUND),
    (ForbiddenError, status.HTTP_403_FORBIDDEN),
    (ConflictError, status.HTTP_409_CONFLICT),
    (PreconditionFailedError, status.HTTP_412_PRECONDITION_FAILED),
    (PreconditionRequiredError, status.HTTP_428_PRECONDITION_REQUIRED),
    (TooManyItemsError, status.HTTP_413_REQUEST_ENTITY_TOO_LARGE),
    (UnprocessableError, status.HTTP_422_UNPROCESSABLE_ENTITY),
    (UnavailableError, status.HTTP_503_SERVICE_UNAVAILABLE),
    (ApplicationError, status.HTTP_400_BAD_REQUEST),
]

# What Django raises about requests, and answers with 400 at most. The first class that fits decides.
ANSWER_OF_EXCEPTION: list[tuple[type[Exception], Callable[[], exceptions.APIException]]] = [
    (RequestDataTooBig, TooLargeError),
    (
        TooManyFieldsSent,
        lambda: TooManyPartsError("fields", settings.DATA_UPLOAD_MAX_NUMBER_FIELDS),
    ),
    (TooManyFilesSent, lambda: TooManyPartsError("files", settings.DATA_UPLOAD_MAX_NUMBER_FILES)),
    (MultiPartParserError, lambda: exceptions.ParseError("The body could not be read.")),
    (UnreadablePostError, lambda: exceptions.ParseError("The body could not be read.")),
    (SuspiciousOperation, exceptions.ParseError),
    (BadRequest, exceptions.ParseError),
]


class ExceptionHandler(StandardizedExceptionHandler):
    """Handles what services raise as well as what DRF and Django raise.

    https://drf-standardized-errors.readthedocs.io/en/latest/customization.html
    """

    def convert_known_exceptions(self, exc: Exception) -> Exception:
        if isinstance(exc, ApplicationError):
            return as_api_exception(exc)
        for kind, answer in ANSWER_OF_EXCEPTION:
            if isinstance(exc, kind):
                return answer()
        return super().convert_known_exceptions(exc)


def as_api_exception(error: ApplicationError) -> exceptions.APIException:
    """Return the exception of DRF that answers ``error``, with its status, code and field."""
    if isinstance(error, ItemsRefusedError):
        return _refused_items(error)
    detail: Any = error.message
    if error.field is not None:
        detail = [detail]
        for name in reversed(error.field.split(".")):
            detail = {name: detail}
    answer = exceptions.APIException(detail, code=error.code)
    answer.status_code = _status_of(error)
    return answer


def _status_of(error: ApplicationError) -> int:
    return next(code for kind, code in STATUS_OF_ERROR if isinstance(error, kind))


def _refused_items(error: ItemsRefusedError) -> exceptions.APIException:
    """Return the exception that names all faults; its status is theirs if they share one, or 400."""
    items: dict[str, Any] = {}
    for index, faults in error.faults.items():
        for fault in faults:
            item = items.setdefault(str(index), {})
            place = item.setdefault(fault.field or api_settings.NON_FIELD_ERRORS_KEY, [])
            place.append(exceptions.ErrorDetail(fault.message, fault.code))
    statuses = {_status_of(fault) for faults in error.faults.values() for fault in faults}
    if len(statuses) > 1 or status.HTTP_400_BAD_REQUEST in statuses:
        return exceptions.ValidationError({error.name: items})
    answer = exceptions.APIException({error.name: items})
    answer.status_code = statuses.pop()
    return answer
