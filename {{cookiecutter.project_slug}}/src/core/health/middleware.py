"""Answers the probes of an orchestrator.

Before everything else: a probe calls a pod's own address over plain HTTP, which the host check and
the HTTPS redirect of a hardened service would refuse.

https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/
"""

from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse

from core.health.checks import run_checks


class HealthMiddleware:
    """Answers GET and HEAD on ``/live/``, ``/ready/`` and ``/healthz/``."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = ANSWERS.get(request.path_info)
        if answer is None or request.method not in {"GET", "HEAD"}:
            return self.get_response(request)
        response = answer()
        response["Cache-Control"] = "no-store"
        return response


def live() -> HttpResponse:
    """The process answers. Asks no server: a restart would not bring one back."""
    return JsonResponse({"status": "ok"})


def ready() -> HttpResponse:
    """Every server answers: 200, or 503 naming those that do not."""
    failing = [result.name for result in run_checks() if not result.is_healthy]
    if failing:
        return JsonResponse(
            {"status": "unavailable", "failing": failing},
            status=HTTPStatus.SERVICE_UNAVAILABLE,
        )
    return JsonResponse({"status": "ok"})


def healthz() -> HttpResponse:
    """A summary for people: the release, and each server with the time that it took."""
    results = run_checks()
    is_healthy = all(result.is_healthy for result in results)
    return JsonResponse(
        {
            "status": "ok" if is_healthy else "unavailable",
            "release": settings.RELEASE,
            "checks": {
                result.name: {
                    "status": "ok" if result.is_healthy else "unavailable",
                    "milliseconds": round(result.seconds * 1000, 1),
                }
                for result in results
            },
        },
        status=HTTPStatus.OK if is_healthy else HTTPStatus.SERVICE_UNAVAILABLE,
    )


ANSWERS: dict[str, Callable[[], HttpResponse]] = {
    "/live/": live,
    "/ready/": ready,
    "/healthz/": healthz,
}
