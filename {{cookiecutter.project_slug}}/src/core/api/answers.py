"""Answers of the error contract that no view gives."""

from typing import Any, cast

from django.http import HttpRequest
from drf_standardized_errors.types import ExceptionHandlerContext
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.api.exceptions import ExceptionHandler


def error_answer(error: Exception, request: HttpRequest) -> Response:
    """Return the answer that an API view would give to ``error``."""
    context = ExceptionHandlerContext(
        view=APIView(), args=(), kwargs={}, request=cast("Request", request)
    )
    handler = ExceptionHandler(error, context)
    known = handler.convert_unhandled_exceptions(handler.convert_known_exceptions(error))
    return rendered(handler.get_response(known, handler.format_exception(known)))


def rendered(response: Response) -> Response:
    """Return ``response``, an error in the contract, with its body in the service's own format."""
    renderer: Any = APIView().get_renderers()[0]
    response.exception = True
    # What a view's finalize_response sets.
    vars(response).update(
        accepted_renderer=renderer,
        accepted_media_type=renderer.media_type,
        renderer_context={"response": response},
    )
    return cast("Response", response.render())
