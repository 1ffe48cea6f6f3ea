"""Tells clients in time that an operation will go."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from functools import wraps
from typing import Any, TypeVar, cast

from django.http import HttpResponse
from django.utils.http import http_date
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.views import APIView

Target = TypeVar("Target", bound=Callable[..., Any])

DESCRIPTIONS = {
    "Deprecation": "Since when the operation is deprecated: `@` and a Unix time (RFC 9745).",
    "Sunset": "From when on the operation may be gone (RFC 8594).",
    "Link": 'Where to read what to use instead: `rel="deprecation"` (RFC 9745).',
}


def deprecated(*, since: date, link: str, sunset: date | None = None) -> Callable[[Target], Target]:
    """Mark a view, or one of its methods as its outermost decorator, as deprecated.

    Each answer says so, errors included, and so does the OpenAPI document. Of a method, answers of
    the view before it is called (401, 403, 429) do not.

    A class that derives from a deprecated view is deprecated too: let the old version of a view
    derive from the new one.

    Args:
        since: the day, in UTC, from which the operation is deprecated; it may be yet to come.
        link: the address of a page that says what to use instead.
        sunset: the day from which the operation may be gone, where that is known.

    Raises:
        ValueError: if ``sunset`` is before ``since``, or if ``link`` cannot stand in a header.

    https://www.rfc-editor.org/rfc/rfc9745 and https://www.rfc-editor.org/rfc/rfc8594
    """
    if sunset is not None and sunset < since:
        raise ValueError(f"The sunset {sunset} is before the deprecation {since}.")
    if not link.isascii() or not link.isprintable() or set(link) & set(' <>"'):
        raise ValueError(f"{link!r} is no URL. Percent-encode what is not ASCII.")
    headers = {"Deprecation": f"@{_unix_time(since)}"}
    if sunset is not None:
        headers["Sunset"] = http_date(_unix_time(sunset))
    headers["Link"] = f'<{link}>; rel="deprecation"'

    def decorate(target: Target) -> Target:
        described = extend_schema(
            deprecated=True,
            parameters=_response_headers(headers),
            # scripts/breaking_changes.py reads it.
            extensions={"x-sunset": sunset.isoformat()} if sunset else None,
        )
        if isinstance(target, type):
            finalize = target.finalize_response  # type: ignore[attr-defined]
            target.finalize_response = _adding(headers, finalize)  # type: ignore[attr-defined]
            return cast("Target", described(target))

        @wraps(target)
        def handler(view: APIView, *args: Any, **kwargs: Any) -> Any:
            # The view answers a single request, and this is how it answers errors too.
            vars(view)["finalize_response"] = _adding(headers, view.finalize_response)
            return target(view, *args, **kwargs)

        return cast("Target", described(handler))

    return decorate


def _unix_time(day: date) -> int:
    return int(datetime.combine(day, time(), UTC).timestamp())


def _adding(headers: dict[str, str], finalize: Callable[..., HttpResponse]) -> Any:
    """Return ``finalize`` with ``headers`` added to its response, beside links that it has."""

    def finalize_response(*args: Any, **kwargs: Any) -> HttpResponse:
        response = finalize(*args, **kwargs)
        for name, value in headers.items():
            known = response.get(name, "") if name == "Link" else ""
            if value not in known:  # An answer that is replayed has it already.
                response[name] = f"{known}, {value}" if known else value
        return response

    return finalize_response


def _response_headers(headers: dict[str, str]) -> list[OpenApiParameter]:
    return [
        OpenApiParameter(
            name,
            location=OpenApiParameter.HEADER,
            description=DESCRIPTIONS[name],
            response=True,
        )
        for name in headers
    ]
