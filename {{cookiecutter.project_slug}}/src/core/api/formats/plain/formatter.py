"""Errors as the client gets them."""

from http import HTTPStatus
from typing import Any

from drf_standardized_errors.formatter import ExceptionFormatter
from drf_standardized_errors.types import ErrorResponse


class Formatter(ExceptionFormatter):
    """Shapes an error as problem details.

    ``code`` and ``errors`` are extension members (RFC 9457, section 3.2): the stable name of what
    went wrong, and each single fault with its code, its detail and the field that it is about.
    """

    def format_error_response(self, error_response: ErrorResponse) -> dict[str, Any]:
        status = self.exc.status_code
        first = error_response.errors[0]
        is_about_fields = error_response.type == "validation_error"
        return {
            "type": "about:blank",
            "title": HTTPStatus(status).phrase,
            "status": status,
            "detail": "The input is not valid." if is_about_fields else first.detail,
            "code": error_response.type if is_about_fields else first.code,
            "errors": [
                {"code": error.code, "detail": error.detail, "attr": error.attr}
                for error in error_response.errors
            ],
        }
