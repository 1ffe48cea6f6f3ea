"""Views that say themselves what may be kept, and one that sets a cookie."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django.views.decorators.cache import cache_control, never_cache

from config import urls

handler404 = urls.handler404


def page(request: HttpRequest) -> HttpResponse:
    return HttpResponse("page")


def cookie(request: HttpRequest) -> HttpResponse:
    response = HttpResponse()
    response.set_cookie("name", "value")
    return response


urlpatterns = [
    path("page/", page),
    path("cookie/", cookie),
    path("public/", cache_control(public=True, max_age=60)(page)),
    path("secret/", never_cache(page)),
    path("", include(urls)),
]
