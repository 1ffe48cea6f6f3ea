"""What the web server refuses before there is a request."""

import socket
from http.client import HTTPResponse

from core.security.early import refusal
from tests.bodies import error_codes
from tests.e2e.http import Answer


def test_refusal_is_an_http_answer_in_the_error_contract() -> None:
    server, client = socket.socketpair()
    with server, client:
        server.sendall(refusal(414))
        response = HTTPResponse(client)
        response.begin()
        answer = Answer(response.status, response.headers, response.read())

    assert answer.status_code == 414
    assert answer.headers["Connection"] == "close"
    assert error_codes(answer) == [("uri_too_long", None)]
    assert answer.headers["X-Request-ID"] in answer.text
