"""The format in the OpenAPI document."""

from typing import Any

from core.api.formats.openapi import add_component, add_error_response, error_item
from core.api.formats.plain.renderer import PROBLEM_MEDIA_TYPE


def describe(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Add the error contract to every operation of the OpenAPI document ``result``."""
    add_component(
        result,
        "Problem",
        {
            "type": "object",
            "required": ["type", "title", "status", "detail", "code", "errors"],
            "properties": {
                "type": {"type": "string", "format": "uri-reference"},
                "title": {"type": "string"},
                "status": {"type": "integer", "minimum": 400, "maximum": 599},
                "detail": {"type": "string"},
                "code": {"type": "string"},
                "errors": {"type": "array", "items": error_item()},
            },
        },
    )
    add_error_response(result, PROBLEM_MEDIA_TYPE, "Problem")
    return result
