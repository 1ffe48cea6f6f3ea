"""Hands for editing an OpenAPI document, as drf-spectacular's hooks get it.

https://drf-spectacular.readthedocs.io/en/stable/customization.html
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from core.api.phrases import phrase_of

Document = dict[str, Any]
Operation = dict[str, Any]

REQUEST_ID_EXAMPLE = "019a9f3c-5d0e-7c41-9d0c-2f0f5f4f8a11"


@dataclass(frozen=True)
class Refusal:
    """A status that operations answer, with an example of its one fault.

    ``headers`` are those that come with it, by the names of their components.
    """

    status: HTTPStatus
    description: str
    fault: dict[str, str]
    headers: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The name of the component."""
        return phrase_of(self.status).title().replace(" ", "")


REFUSALS = {
    refusal.status: refusal
    for refusal in (
        Refusal(
            HTTPStatus.BAD_REQUEST,
            "The request is malformed, or its input not valid.",
            {
                "code": "max_length",
                "detail": "Ensure this field has no more than 40 characters.",
                "pointer": "#/name",
            },
        ),
        Refusal(
            HTTPStatus.UNAUTHORIZED,
            "The caller has not proved who it is.",
            {
                "code": "not_authenticated",
                "detail": "Authentication credentials were not provided.",
            },
            headers=("WWW-Authenticate",),
        ),
        Refusal(
            HTTPStatus.FORBIDDEN,
            "The caller may not do that.",
            {
                "code": "permission_denied",
                "detail": "You do not have permission to perform this action.",
            },
        ),
        Refusal(
            HTTPStatus.NOT_FOUND,
            "The thing does not exist, or not for this caller.",
            {"code": "not_found", "detail": "Not found."},
        ),
        Refusal(
            HTTPStatus.METHOD_NOT_ALLOWED,
            "The path has no such method.",
            {"code": "method_not_allowed", "detail": 'Method "PUT" not allowed.'},
            headers=("Allow",),
        ),
        Refusal(
            HTTPStatus.NOT_ACCEPTABLE,
            "The service has no format that the caller accepts.",
            {
                "code": "not_acceptable",
                "detail": "Could not satisfy the request Accept header.",
            },
        ),
        Refusal(
            HTTPStatus.CONFLICT,
            "The state of things does not allow it.",
            {"code": "conflict", "detail": "The state of things does not allow it."},
        ),
        Refusal(
            HTTPStatus.PRECONDITION_FAILED,
            "The thing has changed since the caller read it.",
            {
                "code": "precondition_failed",
                "detail": "It has changed since. Read it again, and send its new ETag.",
            },
        ),
        Refusal(
            HTTPStatus.PRECONDITION_REQUIRED,
            "The operation needs a header that says that it is meant.",
            {
                "code": "precondition_required",
                "detail": "Send the header that the operation asks for.",
            },
        ),
        Refusal(
            HTTPStatus.LENGTH_REQUIRED,
            "The body comes without its length.",
            {
                "code": "length_required",
                "detail": "The body has no length. Send the header Content-Length.",
            },
        ),
        Refusal(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            "The body is too large.",
            {
                "code": "too_large",
                "detail": "The body is too large. Send at most 2097152 bytes.",
            },
        ),
        Refusal(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            "The body is of another type than the operation reads.",
            {
                "code": "unsupported_media_type",
                "detail": 'Unsupported media type "text/plain" in request.',
            },
        ),
        Refusal(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "The request is well-formed, but asks for what makes no sense.",
            {
                "code": "idempotency_key_reused",
                "detail": "This Idempotency-Key belongs to another request. Make a new one.",
            },
        ),
        Refusal(
            HTTPStatus.TOO_MANY_REQUESTS,
            "The caller has sent too many requests.",
            {
                "code": "throttled",
                "detail": "Request was throttled. Expected available in 7 seconds.",
            },
            headers=("Retry-After",),
        ),
        Refusal(
            HTTPStatus.SERVICE_UNAVAILABLE,
            "A system that this needs does not answer. The same request may succeed later.",
            {"code": "unavailable", "detail": "A system that this needs does not answer."},
        ),
        Refusal(
            HTTPStatus.INTERNAL_SERVER_ERROR,
            "The service failed. Its log has the reason under the id of the request.",
            {"code": "error", "detail": "A server error occurred."},
        ),
    )
}

HEADERS: dict[str, dict[str, Any]] = {
    "X-Request-ID": {
        "description": "The id of the request: the caller's own, or a new one.",
        "schema": {"type": "string"},
    },
    "WWW-Authenticate": {
        "description": "How to prove who calls.",
        "schema": {"type": "string"},
    },
    "Allow": {"description": "The methods of the path.", "schema": {"type": "string"}},
    "Retry-After": {
        "description": "When to come back, in seconds.",
        "schema": {"type": "integer", "minimum": 0},
    },
}
REQUEST_ID_PARAMETER = {
    "name": "X-Request-ID",
    "in": "header",
    "description": "An id for this request, to find it again: in the answer, in logs.",
    "schema": {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,128}$"},
}


def operations(document: Document) -> Iterator[Operation]:
    """Yield each operation of ``document``, whatever its path and method."""
    for path_item in document["paths"].values():
        yield from path_item.values()


def add_component(document: Document, kind: str, name: str, component: dict[str, Any]) -> None:
    """Add ``component`` to those of ``kind``, such as ``schemas``, of ``document``."""
    document.setdefault("components", {}).setdefault(kind, {})[name] = component


def fault_schema() -> dict[str, Any]:
    """Return the schema of a single fault."""
    return {
        "type": "object",
        "required": ["code", "detail"],
        "properties": {
            "code": {"type": "string", "description": "Stable: branch on it."},
            "detail": {"type": "string", "description": "For people; may change."},
            "pointer": {
                "type": "string",
                "description": "The place in the body, as a JSON pointer (RFC 6901).",
                "examples": ["#/lines/0/quantity"],
            },
            "parameter": {"type": "string", "description": "The parameter of the query."},
        },
        "additionalProperties": False,
    }


def describe_refusals(
    document: Document,
    media_type: str,
    schema: dict[str, Any],
    example: Callable[[Refusal], dict[str, Any]],
) -> None:
    """Add the error contract to each operation of ``document``.

    Args:
        document: what drf-spectacular has made of the views.
        media_type: of every error.
        schema: the body of every error.
        example: returns the body of a refusal, to show.
    """
    add_component(document, "schemas", "Fault", fault_schema())
    add_component(document, "schemas", "Error", schema)
    add_component(document, "parameters", "RequestId", REQUEST_ID_PARAMETER)
    for name, header in HEADERS.items():
        add_component(document, "headers", name, header)
    body = {"schema": reference("schemas", "Error")}
    add_component(
        document,
        "responses",
        "Failure",
        {"description": "The request failed in another way.", "content": {media_type: body}},
    )
    for refusal in REFUSALS.values():
        content = {media_type: {**body, "example": example(refusal)}}
        headers = {name: reference("headers", name) for name in refusal.headers}
        response = {"description": refusal.description, "content": content, "headers": headers}
        add_component(document, "responses", refusal.name, response)
    for response in document["components"]["responses"].values():
        name_request(response)
    for operation in operations(document):
        operation.setdefault("parameters", []).append(reference("parameters", "RequestId"))
        responses = operation["responses"]
        for response in responses.values():
            name_request(response)
        for status in statuses_of(operation):
            responses[str(status.value)] = reference("responses", REFUSALS[status].name)
        responses["default"] = reference("responses", "Failure")


def statuses_of(operation: Operation) -> Iterator[HTTPStatus]:
    """Yield how ``operation`` may refuse: as its view says, and as can be told from the rest.

    A view says it with ``@extend_schema(responses={..., 409: None})``.
    """
    yield from (status for status in REFUSALS if str(status.value) in operation["responses"])
    yield HTTPStatus.BAD_REQUEST
    if {} not in operation.get("security", [{}]):
        yield HTTPStatus.UNAUTHORIZED
        yield HTTPStatus.FORBIDDEN
    if any(parameter.get("in") == "path" for parameter in operation["parameters"]):
        yield HTTPStatus.NOT_FOUND
    yield HTTPStatus.NOT_ACCEPTABLE
    if "requestBody" in operation:
        yield HTTPStatus.LENGTH_REQUIRED
        yield HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        yield HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    yield HTTPStatus.TOO_MANY_REQUESTS
    yield HTTPStatus.INTERNAL_SERVER_ERROR


def name_request(response: dict[str, Any]) -> None:
    """Let ``response`` carry the id of its request."""
    response.setdefault("headers", {})["X-Request-ID"] = reference("headers", "X-Request-ID")


def reference(kind: str, name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/{kind}/{name}"}
