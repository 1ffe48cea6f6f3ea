"""Reads answers in the response format of the service, so that tests need not know it."""

from typing import Any

from django.http import HttpResponse


def error_codes(response: HttpResponse) -> list[tuple[str, str | None]]:
    """Return the code of each fault that an answer names, with the field that it is about."""
    return [(error["code"], error["attr"]) for error in response.json()["errors"]]


def data(response: HttpResponse) -> Any:
    """Return what the view answered, out of its envelope where there is one."""
    # % if cookiecutter.response_format == "envelope"
    body = response.json()
    assert body["success"] is True, body
    return body["data"]
    # % else
    return response.json()
    # % endif
