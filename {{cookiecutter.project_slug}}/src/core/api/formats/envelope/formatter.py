"""Errors as the client gets them."""

from typing import Any

from drf_standardized_errors.formatter import ExceptionFormatter

from core.api.formats.envelope.meta import meta
from core.api.formats.faults import faults_of, summary_of


class Formatter(ExceptionFormatter):
    """Shapes an error as an envelope without data."""

    def run(self) -> dict[str, Any]:
        return {
            "success": False,
            "message": summary_of(self.exc)[1],
            "data": None,
            "errors": faults_of(self.exc),
            "meta": meta(),
        }
