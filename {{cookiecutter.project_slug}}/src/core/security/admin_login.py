"""Signing in to the admin has the rate of signing in to the API, in one count."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.views import APIView

from core.api.throttles import ScopedThrottle
from core.security import lockouts


class SignIn(APIView):
    """Names the rate, as the views of the API do."""

    throttle_scope = "sign-in"


def throttled(page: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Return ``page``, which answers 429 to an address that tries to sign in too often."""

    @wraps(page)
    def limited(request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
        error = refusal(request) if request.method == "POST" else None
        if error is None:
            return page(request, *args, **options)
        request.sign_in_error = error  # type: ignore[attr-defined]  # Read by ``lockouts``.
        return lockouts.answer(request)

    return limited


def refusal(request: HttpRequest) -> Exception | None:
    """Return why the caller may not try to sign in now, if it may not."""
    throttle = ScopedThrottle()
    try:
        is_allowed = throttle.allow_request(Request(request), SignIn())
    except Exception as error:  # noqa: BLE001 (each backend of the cache raises its own kind)
        return lockouts.unavailable(error)
    return None if is_allowed else exceptions.Throttled(throttle.wait())
