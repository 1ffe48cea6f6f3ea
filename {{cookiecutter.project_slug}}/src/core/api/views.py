"""Answers outside of any API view: unknown routes, refused requests, crashes.

https://docs.djangoproject.com/en/stable/topics/http/views/#customizing-error-views
"""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from rest_framework import exceptions

from core.api.answers import error_answer


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_answer(exception, request)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_answer(PermissionDenied(), request)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_answer(Http404(), request)


def server_error(request: HttpRequest) -> HttpResponse:
    return error_answer(Exception(), request)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a request without a valid CSRF token. ``reason`` is one of Django's own sentences."""
    error = exceptions.PermissionDenied(f"CSRF failed: {reason}", code="csrf_failed")
    return error_answer(error, request)
