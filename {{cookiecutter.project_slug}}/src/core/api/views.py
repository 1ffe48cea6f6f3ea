"""Answers outside of any API view: unknown routes, refused requests, crashes.

https://docs.djangoproject.com/en/stable/topics/http/views/#customizing-error-views
"""

from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from drf_standardized_errors.types import ExceptionHandlerContext
from rest_framework import exceptions
from rest_framework.views import APIView

from core.api.exceptions import ExceptionHandler

# What DRF tells a handler of the view that failed: here there was none.
NO_VIEW = ExceptionHandlerContext(view=APIView(), args=(), kwargs={}, request=None)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer(BadRequest())


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer(PermissionDenied())


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer(Http404())


def server_error(request: HttpRequest) -> HttpResponse:
    return _answer(Exception())


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a request without a valid CSRF token. ``reason`` is one of Django's own sentences."""
    return _answer(exceptions.PermissionDenied(f"CSRF failed: {reason}", code="csrf_failed"))


def _answer(error: Exception) -> HttpResponse:
    """Return the answer that an API view would give to ``error``, without needing a view."""
    handler = ExceptionHandler(error, NO_VIEW)
    known = handler.convert_unhandled_exceptions(handler.convert_known_exceptions(error))
    response = handler.get_response(known, handler.format_exception(known))
    renderer = APIView().get_renderers()[0]
    response.exception = True
    # What a view's finalize_response sets.
    vars(response).update(
        accepted_renderer=renderer,
        accepted_media_type=renderer.media_type,
        renderer_context={},
    )
    response.render()
    return response
