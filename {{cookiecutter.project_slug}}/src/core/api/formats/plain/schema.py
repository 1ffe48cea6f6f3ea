"""The format in the OpenAPI document."""

from typing import Any

from core.api.formats.openapi import REQUEST_ID_EXAMPLE, Refusal, describe_refusals, reference
from core.api.formats.plain.renderer import ERROR_MEDIA_TYPE
from core.api.phrases import phrase_of

PROBLEM = {
    "type": "object",
    "description": "Problem details (RFC 9457).",
    "required": [
        "type",
        "title",
        "status",
        "detail",
        "instance",
        "code",
        "request_id",
        "errors",
    ],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string"},
        "instance": {"type": "string", "format": "uri-reference"},
        "code": {"type": "string", "description": "Stable: branch on it."},
        "request_id": {"type": "string"},
        "errors": {"type": "array", "items": reference("schemas", "Fault")},
    },
}


def describe(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Add the error contract to every operation of the OpenAPI document ``result``."""
    describe_refusals(result, ERROR_MEDIA_TYPE, PROBLEM, example)
    return result


def example(refusal: Refusal) -> dict[str, Any]:
    is_about_input = "pointer" in refusal.fault
    return {
        "type": "about:blank",
        "title": phrase_of(refusal.status),
        "status": refusal.status.value,
        "detail": "The input is not valid." if is_about_input else refusal.fault["detail"],
        "instance": "/api/v1/users/",
        "code": "validation_error" if is_about_input else refusal.fault["code"],
        "request_id": REQUEST_ID_EXAMPLE,
        "errors": [refusal.fault],
    }
