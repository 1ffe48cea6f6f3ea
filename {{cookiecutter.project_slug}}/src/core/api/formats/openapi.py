"""Hands for editing an OpenAPI document, as drf-spectacular's hooks get it.

https://drf-spectacular.readthedocs.io/en/stable/customization.html
"""

from collections.abc import Iterator
from typing import Any

Document = dict[str, Any]


def operations(document: Document) -> Iterator[dict[str, Any]]:
    """Yield each operation of ``document``, whatever its path and method."""
    for path_item in document["paths"].values():
        yield from path_item.values()


def add_component(document: Document, name: str, schema: dict[str, Any]) -> None:
    """Add ``schema`` to the components of ``document`` as ``name``."""
    document.setdefault("components", {}).setdefault("schemas", {})[name] = schema


def error_item() -> dict[str, Any]:
    """Return the schema of a single fault."""
    return {
        "type": "object",
        "required": ["code", "detail", "attr"],
        "properties": {
            "code": {"type": "string"},
            "detail": {"type": "string"},
            "attr": {"type": ["string", "null"]},
        },
    }


def add_error_response(document: Document, media_type: str, component: str) -> None:
    """Let each operation answer what it does not name itself with ``component``."""
    for operation in operations(document):
        operation["responses"]["default"] = {
            "description": "The request failed.",
            "content": {
                media_type: {"schema": {"$ref": f"#/components/schemas/{component}"}},
            },
        }
