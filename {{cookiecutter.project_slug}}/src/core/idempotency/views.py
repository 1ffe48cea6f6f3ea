"""Lets a view take part."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from drf_standardized_errors.types import ExceptionHandlerContext
from rest_framework.exceptions import APIException, NotAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.status import HTTP_429_TOO_MANY_REQUESTS, is_server_error
from rest_framework.views import APIView

from core.api.exceptions import ExceptionHandler
from core.database.connections import insist
from core.idempotency import store
from core.idempotency.errors import KeyInUseError
from core.idempotency.keys import KEY_LENGTH_MAXIMUM, fingerprint_of, parse_key

KEY_HEADER = "Idempotency-Key"
REPLAY_HEADER = "Idempotent-Replayed"
KEY_PARAMETER = OpenApiParameter(
    KEY_HEADER,
    location=OpenApiParameter.HEADER,
    description=(
        "Makes the request safe to send again: the same key with the same request has one effect "
        f"and one answer. 1 to {KEY_LENGTH_MAXIMUM} characters of ASCII, such as a UUID, with or "
        "without quotation marks."
    ),
)

Handler = TypeVar("Handler", bound=Callable[..., Any])


def idempotent(handler: Handler) -> Handler:
    """Let a POST of a view take ``Idempotency-Key``: the outermost decorator of its method.

    A request without a key is handled as ever. With one, all that the view writes to the database
    and its answer are one transaction. What is answered to the same key of the same user later:

    - the same answer with ``Idempotent-Replayed: true``, to the same method, path and body;
    - 422 to any other request;
    - 409 while the first request is at work.

    Refusals (4xx) are answers too: a request that was refused, and comes again when the client has
    long given up, must not take effect then. Errors of the service (5xx) and 429 are no answers:
    nothing of them was written, and the request may be sent again with the same key. After a COMMIT
    whose end nobody heard of, that brings the answer if it was done.

    A caller who has not signed in may send no key, because nothing tells its keys from those of
    others: 401. Answers with secrets have no place in the database, so a view that says
    ``Cache-Control: no-store`` cannot take part: ImproperlyConfigured.

    https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
    """

    @wraps(handler)
    def wrapper(view: APIView, request: Request, *args: Any, **kwargs: Any) -> Any:
        value = request.headers.get(KEY_HEADER)
        if value is None:
            return handler(view, request, *args, **kwargs)
        if not request.user or not request.user.is_authenticated:
            raise NotAuthenticated(f"{KEY_HEADER} is for callers who have signed in.")
        found = store.claim_or_answer(
            user_id=request.user.pk,
            key=parse_key(value),
            fingerprint=fingerprint_of(
                method=request.method or "", path=request.get_full_path(), body=request.body
            ),
        )
        if isinstance(found, store.Answer):
            return _replay(found)
        return _answer(found, view, lambda: handler(view, request, *args, **kwargs))

    if hasattr(wrapper, "kwargs"):  # An action that is inherited keeps its own description.
        vars(wrapper)["kwargs"] = dict(wrapper.kwargs)
    return cast("Handler", extend_schema(parameters=[KEY_PARAMETER])(wrapper))


def _replay(answer: store.Answer) -> HttpResponse:
    headers = {**answer.headers, REPLAY_HEADER: "true"}
    return HttpResponse(answer.body, status=answer.status, headers=headers)


def _answer(claim: store.Claim, view: APIView, handle: Callable[[], Any]) -> Any:
    """Return what ``handle`` answers, once that is kept for ``claim``."""
    try:
        with transaction.atomic():
            response = view.finalize_response(view.request, handle(), **view.kwargs)
            if _is_final(response.status_code):
                store.complete(claim, _kept(view, response))
            else:
                transaction.set_rollback(True)
    except KeyInUseError:  # The claim was lost: it is another request's to keep or to give back.
        raise
    except Exception as error:
        context = cast("ExceptionHandlerContext", view.get_exception_handler_context())
        handler = ExceptionHandler(error, context)
        known = handler.convert_known_exceptions(error)
        if not isinstance(known, APIException) or not _is_final(known.status_code):
            store.release(claim)
            raise
        refusal = view.handle_exception(error)
        response = view.finalize_response(view.request, refusal, **view.kwargs)
        kept = _kept(view, response)
        insist(lambda: store.complete(claim, kept), seconds=0)
    if not _is_final(response.status_code):
        store.release(claim)
    return response


def _is_final(status: int) -> bool:
    """Tell whether an answer with ``status`` settles the request."""
    return not is_server_error(status) and status != HTTP_429_TOO_MANY_REQUESTS


def _kept(view: APIView, response: HttpResponse) -> store.Answer:
    """Return what is kept of ``response``: all but what the view and others add to every answer.

    Raises:
        ImproperlyConfigured: for an answer that may hold a secret, which cookies may too.
    """
    if "no-store" in response.get("Cache-Control", "") or response.cookies:
        raise ImproperlyConfigured(
            f"{type(view).__name__} answers what must not be stored: it cannot be @idempotent."
        )
    if isinstance(response, Response):
        response.render()
    headers = {name: value for name, value in response.items() if name not in view.headers}
    return store.Answer(status=response.status_code, headers=headers, body=response.content)
