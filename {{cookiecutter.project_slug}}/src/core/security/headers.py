"""The headers that every answer has, whoever gives it."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.security import SecurityMiddleware
from django.utils.module_loading import import_string


class HeadersMiddleware(SecurityMiddleware):
    """Adds what Django's own middleware adds, and ``SECURE_HEADERS``, to answers given before it too.

    Django's own redirects to HTTPS besides, which has its place further in: behind the probes, and
    in the error contract where a host is refused. Headers that an answer has already stay.
    """

    def process_request(self, request: HttpRequest) -> None:
        """Leave the redirect to Django's own."""

    def process_response(self, request: HttpRequest, response: Any) -> Any:
        response = super().process_response(request, response)
        for name, value in settings.SECURE_HEADERS.items():
            response.headers.setdefault(name, value)
        return response


def is_page(response: HttpResponse) -> bool:
    """Tell whether a browser would show ``response`` as HTML."""
    return response.headers.get("Content-Type", "").startswith("text/html")


def with_headers(response: HttpResponse) -> HttpResponse:
    """Return ``response``, which no middleware has seen, with the headers that every answer has.

    All but Strict-Transport-Security: without a request nobody knows whether it came over TLS, and
    over plain HTTP it must not be sent (https://www.rfc-editor.org/rfc/rfc6797#section-7.2).
    """

    def answer(_request: HttpRequest) -> HttpResponse:
        return response

    handler: Callable[[HttpRequest], HttpResponse] = answer
    for path in reversed(settings.SECURITY_MIDDLEWARE):
        handler = import_string(path)(handler)
    return handler(HttpRequest())
