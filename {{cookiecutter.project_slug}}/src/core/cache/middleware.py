"""What browsers and proxies may keep of an answer."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers


class CacheControlMiddleware:
    """Lets nobody but the caller keep an answer, and the caller none that it does not ask for again.

    What sets a cookie is kept by nobody. A view that says otherwise is left alone: secrets have
    Django's ``never_cache``; what is the same for everybody may have ``cache_control(public=True,
    max_age=...)``.

    https://www.rfc-editor.org/rfc/rfc9111#section-5.2.2 and
    https://docs.djangoproject.com/en/stable/topics/cache/#controlling-cache-using-other-headers
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not response.has_header("Cache-Control"):
            kept = "no-store" if response.cookies else "no-cache"
            response["Cache-Control"] = f"{kept}, private"
            # One browser may be used by two people.
            patch_vary_headers(response, ["Authorization", "Cookie"])
        return response
