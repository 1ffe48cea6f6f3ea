"""Errors as the client gets them."""

from typing import Any

from drf_standardized_errors.formatter import ExceptionFormatter
from drf_standardized_errors.types import ErrorResponse


class Formatter(ExceptionFormatter):
    """Shapes an error as an envelope without data."""

    def format_error_response(self, error_response: ErrorResponse) -> dict[str, Any]:
        is_about_fields = error_response.type == "validation_error"
        return {
            "success": False,
            "message": "The input is not valid."
            if is_about_fields
            else error_response.errors[0].detail,
            "data": None,
            "errors": [
                {"code": error.code, "detail": error.detail, "attr": error.attr}
                for error in error_response.errors
            ],
        }
