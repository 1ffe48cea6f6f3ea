"""The header in the OpenAPI document."""

from http import HTTPStatus
from typing import Any

from core.api.formats.openapi import REFUSALS, operations, reference
from core.idempotency.views import KEY_HEADER, REPLAY_HEADER

REPLAYED = {
    "description": "Present, and `true`, when this is the answer to an earlier request.",
    "schema": {"type": "string", "enum": ["true"]},
}


def describe(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Add to each operation of ``result`` that takes a key how it answers.

    Comes after the format's own hook, which describes what is refused.
    """
    for operation in operations(result):
        parameters = operation.get("parameters", [])
        if all(parameter.get("name") != KEY_HEADER for parameter in parameters):
            continue
        responses = operation["responses"]
        for status, response in responses.items():
            if status.startswith("2"):
                response.setdefault("headers", {})[REPLAY_HEADER] = REPLAYED
        for status in (HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY):
            responses[str(status.value)] = reference("responses", REFUSALS[status].name)
    return result
