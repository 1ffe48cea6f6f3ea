"""The format in the OpenAPI document."""

from typing import Any

from core.api.formats.envelope.renderer import ERROR_MEDIA_TYPE
from core.api.formats.openapi import (
    REQUEST_ID_EXAMPLE,
    Document,
    Refusal,
    describe_refusals,
    operations,
    reference,
)

Schema = dict[str, Any]


def describe(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Put each answer of the OpenAPI document ``result`` in its envelope, and add the errors."""
    pages: set[str] = set()
    for operation in operations(result):
        for status, response in operation["responses"].items():
            if not status.startswith("2"):
                continue
            for media_type, content in response.get("content", {}).items():
                if media_type == "application/json":  # Files come bare.
                    content["schema"] = success_schema(content["schema"], result, pages)
    for name in pages:
        del result["components"]["schemas"][name]
    describe_refusals(
        result, ERROR_MEDIA_TYPE, envelope_schema({"type": "null"}, success=False), example
    )
    return result


def success_schema(schema: Schema, document: Document, pages: set[str]) -> Schema:
    """Return the envelope of ``schema``; of its rows, if it is a page, whose name joins ``pages``."""
    name = schema.get("$ref", "").rpartition("/")[2]
    page = document.get("components", {}).get("schemas", {}).get(name, {}).get("properties", {})
    if set(page) != {"next", "previous", "results"}:
        return envelope_schema(schema, success=True)
    pages.add(name)
    links = {"next": page["next"], "previous": page["previous"]}
    pagination = {"type": "object", "required": list(links), "properties": links}
    return envelope_schema(page["results"], success=True, pagination=pagination)


def envelope_schema(data: Schema, *, success: bool, **meta: Schema) -> Schema:
    about = {"request_id": {"type": "string", "examples": [REQUEST_ID_EXAMPLE]}, **meta}
    return {
        "type": "object",
        "required": ["success", "message", "data", "errors", "meta"],
        "properties": {
            "success": {"type": "boolean", "enum": [success]},
            "message": {"type": "string", "examples": [""]},
            "data": data,
            "errors": {
                "type": "array",
                "items": reference("schemas", "Fault"),
                **({"maxItems": 0} if success else {}),
            },
            "meta": {"type": "object", "required": list(about), "properties": about},
        },
    }


def example(refusal: Refusal) -> dict[str, Any]:
    is_about_input = "pointer" in refusal.fault
    return {
        "success": False,
        "message": "The input is not valid." if is_about_input else refusal.fault["detail"],
        "data": None,
        "errors": [refusal.fault],
        "meta": {"request_id": REQUEST_ID_EXAMPLE},
    }
