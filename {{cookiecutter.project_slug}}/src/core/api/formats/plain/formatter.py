"""Errors as the client gets them."""

from typing import Any

from django.utils.encoding import escape_uri_path
from drf_standardized_errors.formatter import ExceptionFormatter

from core.api.formats.faults import faults_of, summary_of
from core.api.phrases import phrase_of
from core.identity.origin import current_origin


class Formatter(ExceptionFormatter):
    """Shapes an error as problem details.

    ``code``, ``request_id`` and ``errors`` are extension members (RFC 9457, section 3.2): the
    stable name of what went wrong, the id to ask after it by, and each single fault.
    """

    def run(self) -> dict[str, Any]:
        code, detail = summary_of(self.exc)
        request = self.context["request"]
        return {
            "type": "about:blank",
            "title": phrase_of(self.exc.status_code),
            "status": self.exc.status_code,
            "detail": detail,
            "instance": escape_uri_path(request.path) if request else "",
            "code": code,
            "request_id": current_origin().request_id,
            "errors": faults_of(self.exc),
        }
