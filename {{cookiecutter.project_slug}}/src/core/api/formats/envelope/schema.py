"""The format in the OpenAPI document."""

from typing import Any

from core.api.formats.openapi import add_component, add_error_response, error_item, operations


def describe(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Put each answer of the OpenAPI document ``result`` in its envelope, and add the errors."""
    for operation in operations(result):
        for status, response in operation["responses"].items():
            if not status.startswith("2"):
                continue
            for media_type, content in response.get("content", {}).items():
                if media_type == "application/json":  # Files come bare.
                    content["schema"] = _envelope(content["schema"], success=True)
    add_component(result, "ErrorEnvelope", _envelope({"type": "null"}, success=False))
    add_error_response(result, "application/json", "ErrorEnvelope")
    return result


def _envelope(data: dict[str, Any], *, success: bool) -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["success", "message", "data", "errors"],
        "properties": {
            "success": {"type": "boolean", "enum": [success]},
            "message": {"type": "string"},
            "data": data,
            "errors": {"type": "array", "items": error_item()},
        },
    }
