"""Examples of bodies in the OpenAPI document, made of what their schemas say."""

from typing import Any

from core.api.formats.openapi import Document, operations

Schema = dict[str, Any]

JSON = "application/json"
# What stands for a string of this format: https://spec.openapis.org/registry/format/
OF_FORMAT = {
    "uuid": "019a9f3c-5d0e-7c41-9d0c-2f0f5f4f8a11",
    "date": "2026-01-31",
    "date-time": "2026-01-31T12:00:00Z",
    "time": "12:00:00",
    "email": "ada@example.com",
    "uri": "https://example.com/",
}
OF_TYPE = {"string": "text", "number": 1.5, "boolean": True, "null": None}


def describe(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Give each JSON body of ``result``, of a request or of a success, an example.

    A field shows what its serializer's ``examples`` name for it, and otherwise what its type
    suggests. Comes after the format's own hook, which changes the bodies.
    """
    for operation in operations(result):
        bodies = [(operation.get("requestBody", {}), "readOnly")]
        for status, response in operation["responses"].items():
            if status.startswith("2"):
                bodies.append((response, "writeOnly"))
        for body, unseen in bodies:
            content = body.get("content", {}).get(JSON)
            if content and not content.keys() & {"example", "examples"}:
                content["example"] = example_of(content["schema"], result, unseen)
    return result


def example_of(schema: Schema, document: Document, unseen: str) -> Any:
    """Return a value that ``schema`` allows.

    Args:
        document: where references lead.
        unseen: the mark of properties that are left out, ``readOnly`` or ``writeOnly``.
    """
    schema = resolved(schema, document)
    for values in (schema.get("examples"), schema.get("enum")):
        if values:
            return values[0]
    if schema.get("default") is not None:
        return schema["default"]
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = next(name for name in kind if name != "null")
    if kind == "object":
        properties = schema.get("properties", {}).items()
        return {
            name: example_of(value, document, unseen)
            for name, value in properties
            if not resolved(value, document).get(unseen)
        }
    if kind == "array":
        is_empty = schema.get("maxItems") == 0
        return [] if is_empty else [example_of(schema["items"], document, unseen)]
    if kind == "integer":
        return schema.get("minimum", 1)
    return OF_FORMAT.get(schema.get("format", ""), OF_TYPE.get(kind or "null"))


def resolved(schema: Schema, document: Document) -> Schema:
    """Return ``schema`` with what it refers to; the first of what it may be."""
    alternatives = schema.get("oneOf") or schema.get("anyOf") or schema.get("allOf")
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return resolved({**document["components"]["schemas"][name], **without(schema)}, document)
    if alternatives:
        return resolved({**alternatives[0], **without(schema)}, document)
    return schema


def without(schema: Schema) -> Schema:
    """Return what ``schema`` says itself."""
    return {
        name: value
        for name, value in schema.items()
        if name not in {"$ref", "oneOf", "anyOf", "allOf"}
    }
