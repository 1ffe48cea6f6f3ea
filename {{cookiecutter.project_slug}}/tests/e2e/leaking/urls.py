"""The routes of the service, and one that fails."""

import os
from logging import getLogger

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt

from config import urls

handler400 = urls.handler400
handler403 = urls.handler403
handler404 = urls.handler404
handler500 = urls.handler500


@csrf_exempt
def leak(request: HttpRequest) -> HttpResponse:
    """Log all that a view knows, and fail with it."""
    known = [dict(request.headers), request.body, dict(os.environ), settings.DATABASES]
    getLogger(__name__).warning("Asked with %s", known)
    raise RuntimeError(settings.SECRET_KEY, known)


urlpatterns = [path("api/leak/", leak), path("", include("config.urls"))]
