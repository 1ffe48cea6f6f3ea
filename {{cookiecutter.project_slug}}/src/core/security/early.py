"""What the web server refuses before there is a request: too long a line, headers that are none."""

from django.http import HttpRequest, HttpResponse

from core.api.middleware import REQUEST_ID_HEADER, in_contract
from core.api.phrases import phrase_of
from core.identity.origin import Origin, originating_from
from core.records.keys import uuid7
from core.security.headers import with_headers


def refusal(status: int) -> bytes:
    """Return an answer in the contract as it goes over the wire, after which the connection ends.

    Args:
        status: from 400 to 599, one that has a name: https://www.rfc-editor.org/rfc/rfc9110#section-15

    Raises:
        ValueError: if it has none.
    """
    request_id = str(uuid7())
    with originating_from(Origin(request_id, None)):
        answer = with_headers(in_contract(HttpResponse(status=status), HttpRequest()))
    head = (
        f"HTTP/1.1 {status} {phrase_of(status)}",
        *(f"{name}: {value}" for name, value in answer.items()),
        f"Content-Length: {len(answer.content)}",
        f"{REQUEST_ID_HEADER}: {request_id}",
        "Connection: close",
    )
    return "\r\n".join((*head, "", "")).encode("ascii") + bytes(answer.content)
