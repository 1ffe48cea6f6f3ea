"""Carries who acts, for which request and in which trace in a message's headers, to its worker."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from core.identity.actor import current_user_id
from core.identity.origin import Origin, current_origin
from core.identity.trace import Trace, current_trace, trace_from

ACTING_USER_HEADER = "acting_user_id"
REQUEST_ID_HEADER = "origin_request_id"
REMOTE_ADDRESS_HEADER = "origin_remote_address"


def identity_headers() -> dict[str, str]:
    """Return the headers that name the acting user, the origin and the trace, as far as there are any."""
    origin = current_origin()
    trace = current_trace()
    headers = {
        ACTING_USER_HEADER: str(current_user_id() or ""),
        REQUEST_ID_HEADER: origin.request_id,
        REMOTE_ADDRESS_HEADER: origin.remote_address or "",
    }
    named = {name: value for name, value in headers.items() if value}
    return named | trace.headers if trace else named


def user_id_of(headers: Mapping[str, Any]) -> UUID | None:
    """Return the id of the user that ``headers`` name, or ``None``."""
    value = headers.get(ACTING_USER_HEADER)
    return UUID(value) if value else None


def origin_of(headers: Mapping[str, Any]) -> Origin | None:
    """Return the origin that ``headers`` name, or ``None``."""
    request_id = headers.get(REQUEST_ID_HEADER)
    if not request_id:
        return None
    return Origin(request_id, headers.get(REMOTE_ADDRESS_HEADER) or None)


def trace_of(headers: Mapping[str, Any]) -> Trace:
    """Return a new place in the trace that ``headers`` name, or in a new trace."""
    return trace_from(headers.get("traceparent"), headers.get("tracestate"))
