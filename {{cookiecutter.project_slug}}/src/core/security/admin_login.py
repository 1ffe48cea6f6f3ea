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
        throttle = ScopedThrottle()
        if request.method == "POST" and not throttle.allow_request(Request(request), SignIn()):
            request.sign_in_error = exceptions.Throttled(throttle.wait())  # type: ignore[attr-defined]
            return lockouts.answer(request)
        return page(request, *args, **options)

    return limited
