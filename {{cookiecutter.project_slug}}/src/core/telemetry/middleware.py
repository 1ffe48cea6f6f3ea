"""Answers who collects the metrics, such as Prometheus.

Before the host check and the redirect to HTTPS: as a probe does, it calls a pod's own address over
plain HTTP. Nothing of the answer is made of what the request says of its host.

https://prometheus.io/docs/instrumenting/content_negotiation/
"""

import logging
from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.crypto import constant_time_compare
from prometheus_client.exposition import choose_encoder

from core.telemetry.registry import REGISTRY

logger = logging.getLogger(__name__)

PATH = "/metrics"


class MetricsMiddleware:
    """Answers GET and HEAD on ``/metrics``; without ``METRICS_TOKEN`` there is no such route."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        is_asked = request.path_info == PATH and request.method in {"GET", "HEAD"}
        if not (is_asked and settings.METRICS_TOKENS):
            return self.get_response(request)
        response = metrics(request) if has_token(request) else unauthorized()
        response["Cache-Control"] = "no-store"
        return response


def has_token(request: HttpRequest) -> bool:
    """Tell whether the request has a bearer token that is known: https://www.rfc-editor.org/rfc/rfc6750#section-2.1"""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return scheme.lower() == "bearer" and any(
        constant_time_compare(token, known) for known in settings.METRICS_TOKENS
    )


def unauthorized() -> HttpResponse:
    return JsonResponse(
        {"status": "unauthorized"},
        status=HTTPStatus.UNAUTHORIZED,
        headers={"WWW-Authenticate": "Bearer"},
    )


def metrics(request: HttpRequest) -> HttpResponse:
    """All readings in the text format or as OpenMetrics, as ``Accept`` asks; 503 without a database.

    What went wrong is logged by its kind only: more may hold addresses and passwords.
    """
    try:
        encode, content_type = choose_encoder(request.headers.get("Accept", ""))
    except TypeError:  # What it does at a version that is no number, or is quoted.
        encode, content_type = choose_encoder("")
    try:
        return HttpResponse(encode(REGISTRY), content_type=content_type)
    except (DatabaseError, InterfaceError) as error:
        logger.warning("metrics cannot be read: %s", type(error).__name__)
        return JsonResponse(
            {"status": "unavailable", "failing": ["database"]},
            status=HTTPStatus.SERVICE_UNAVAILABLE,
        )
