"""What every request passes on its way to a view: its id, and the contract of its answer."""

import re
from collections.abc import Callable
from http import HTTPStatus
from ipaddress import ip_address
from typing import cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.module_loading import import_string
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle

from core.api.answers import error_answer, rendered
from core.api.phrases import phrase_of
from core.api.refusals import LengthRequiredError
from core.api.throttles import RateLimit
from core.identity.headers import trace_of
from core.identity.origin import Origin, originating_from
from core.identity.trace import traced
from core.records.keys import uuid7

REQUEST_ID_HEADER = "X-Request-ID"
USER_AGENT_MAXIMUM_LENGTH = 200
# What cannot forge a line of a log, and fits into a column.
WELL_FORMED = re.compile(r"[A-Za-z0-9._-]{1,128}")

API_PREFIX = "/api/"
ERROR_MEDIA_TYPE = import_string(f"{settings.RESPONSE_FORMAT}.renderer.ERROR_MEDIA_TYPE")
# Refusals that API views give too: theirs have the same codes.
KNOWN_REFUSALS: dict[int, type[exceptions.APIException]] = {
    kind.status_code: kind
    for kind in (
        exceptions.ParseError,
        exceptions.NotAuthenticated,
        exceptions.PermissionDenied,
        exceptions.NotFound,
        exceptions.APIException,
    )
}


class OriginMiddleware:
    """Names the request in every answer: by the caller's own ``X-Request-ID``, or by a new UUIDv7.

    An id of the caller's that has other characters than letters, digits, ``.``, ``_`` and ``-``,
    or more than 128 of them, is replaced. The request is a part of the caller's trace, or of a new
    one: https://www.w3.org/TR/trace-context/
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        asked = request.headers.get(REQUEST_ID_HEADER, "")
        request_id = asked if WELL_FORMED.fullmatch(asked) else str(uuid7())
        origin = Origin(request_id, remote_address(request), user_agent(request))
        with originating_from(origin), traced(trace_of(request.headers)):
            response = self.get_response(request)
        response[REQUEST_ID_HEADER] = request_id
        return response


def remote_address(request: HttpRequest) -> str | None:
    """Return the caller's IP address, which throttles count by too; ``None`` if there is none.

    Proxies are believed as far as ``NUM_PROXIES`` says:
    https://www.django-rest-framework.org/api-guide/throttling/#how-clients-are-identified
    """
    caller = BaseThrottle().get_ident(cast("Request", request))  # It reads META only.
    # A link-local address ends in the interface that it belongs to, on this machine only.
    address = (caller or "").partition("%")[0]
    try:
        return str(ip_address(address))
    except ValueError:
        return None


def user_agent(request: HttpRequest) -> str:
    """Return what the caller's program says of itself, as far as a line and a column can hold it."""
    said = request.headers.get("User-Agent", "")[:USER_AGENT_MAXIMUM_LENGTH]
    return "".join(character for character in said if character.isprintable())


class ContractMiddleware:
    """Answers every refusal below ``/api/`` in the error contract, whoever refused.

    Other middleware, pages for people and Django's debug pages would answer in HTML.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(API_PREFIX):
            return self.get_response(request)
        if "Transfer-Encoding" in request.headers and not request.META.get("CONTENT_LENGTH"):
            return error_answer(LengthRequiredError(), request)
        response = self.get_response(request)
        if response.status_code < HTTPStatus.BAD_REQUEST or is_in_contract(response):
            return response
        answer = in_contract(response, request)
        for name, value in response.items():
            if not name.lower().startswith("content-"):
                answer[name] = value
        answer.cookies = response.cookies
        return answer


class RateLimitMiddleware:
    """Tells a caller of the API how much more it may ask, as far as throttles were asked.

    https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        limits: list[RateLimit] = getattr(request, "rate_limits", [])
        if limits:
            response["RateLimit-Policy"] = ", ".join(limit.policy_item for limit in limits)
            response["RateLimit"] = ", ".join(limit.limit_item for limit in limits)
        return response


def is_in_contract(response: HttpResponse) -> bool:
    """Tell whether the body of a refusal has the shape that clients rely on.

    A view that returns an error, rather than raising it, has been past what shapes errors.
    """
    is_raised = getattr(response, "exception", True)
    return is_raised and response.headers.get("Content-Type") == ERROR_MEDIA_TYPE


def in_contract(response: HttpResponse, request: HttpRequest) -> Response:
    """Return an answer in the contract to what ``response`` refuses."""
    if isinstance(response, Response) and response.exception:
        return rendered(Response(response.data, response.status_code))
    known = KNOWN_REFUSALS.get(response.status_code)
    if known is not None:
        return error_answer(known(), request)
    phrase = phrase_of(response.status_code)
    error = exceptions.APIException(f"{phrase}.", code=phrase.lower().replace(" ", "_"))
    error.status_code = response.status_code
    return error_answer(error, request)
