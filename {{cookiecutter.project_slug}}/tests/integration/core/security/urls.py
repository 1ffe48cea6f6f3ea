"""Views that give their answers headers of their own, besides the routes of the service."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django.utils.module_loading import import_string
from django.views.decorators.clickjacking import xframe_options_sameorigin

from config import urls

handler400 = urls.handler400
handler403 = urls.handler403
handler404 = urls.handler404
handler500 = urls.handler500

# The decorator that gives a view a policy of its own.
csp = import_string(
    # % if cookiecutter.django_version == "6.1"
    "django.views.decorators.csp.csp_override",
    # % else
    "csp.decorators.csp",
    # % endif
)

SECRET = "s3cret-that-nobody-may-see"


def crash(request: HttpRequest) -> HttpResponse:
    raise RuntimeError(SECRET)


@csp({"default-src": ["'self'"]})
def with_own_policy(request: HttpRequest) -> HttpResponse:
    return HttpResponse("<p>A page</p>")


@xframe_options_sameorigin
def with_own_headers(request: HttpRequest) -> HttpResponse:
    own = {
        "Content-Security-Policy": "default-src https:",
        "Cross-Origin-Resource-Policy": "cross-origin",
        "Referrer-Policy": "no-referrer",
    }
    return HttpResponse("<p>A page</p>", headers=own)


urlpatterns = [
    path("", include("config.urls")),
    path("crash/", crash),
    path("api/crash/", crash),
    path("own-policy/", with_own_policy),
    path("own-headers/", with_own_headers),
]
