"""Reads answers in the response format of the service, so that tests need not know it."""

from typing import Any
from urllib.parse import unquote

from django.http import HttpResponse


def error_codes(response: HttpResponse) -> list[tuple[str, str | None]]:
    """Return the code of each fault that an answer names, with what it is about.

    That is the path of a field, such as ``lines.0.quantity``, empty for the whole body; or the name
    of a parameter of the query; or ``None``.
    """
    return [(error["code"], place(error)) for error in response.json()["errors"]]


def check_contract(response: HttpResponse, status: int) -> None:
    """See that ``response`` is an error with ``status``, exactly in the shape that errors have."""
    body = response.json()
    request_id = response.headers["X-Request-ID"]
    assert response.status_code == status
    # % if cookiecutter.response_format == "envelope"
    assert response.headers["Content-Type"] == "application/json"
    assert set(body) == {"success", "message", "data", "errors", "meta"}
    assert (body["success"], body["data"]) == (False, None)
    assert body["message"]
    assert body["meta"] == {"request_id": request_id}
    # % else
    from core.api.phrases import phrase_of  # noqa: PLC0415 (only this format has titles)

    assert response.headers["Content-Type"] == "application/problem+json"
    assert set(body) == {
        *("type", "title", "status", "detail", "instance", "code", "request_id", "errors")
    }
    assert (body["type"], body["status"]) == ("about:blank", status)
    assert body["title"] == phrase_of(status)
    assert (body["instance"], body["request_id"]) == (response.request["PATH_INFO"], request_id)
    assert body["detail"]
    assert body["code"]
    # % endif
    for error in body["errors"]:
        assert set(error) - {"pointer", "parameter"} == {"code", "detail"}


def place(error: dict[str, str]) -> str | None:
    if "pointer" not in error:
        return error.get("parameter")
    assert error["pointer"].startswith("#"), error
    return unquote(error["pointer"]).removeprefix("#").removeprefix("/").replace("/", ".")


def data(response: HttpResponse) -> Any:
    """Return what the view answered, out of its envelope where there is one.

    A page is ``results`` with the links ``next`` and ``previous``, in every format.
    """
    # % if cookiecutter.response_format == "envelope"
    body = response.json()
    assert body["success"] is True, body
    if "pagination" in body["meta"]:
        return {"results": body["data"], **body["meta"]["pagination"]}
    return body["data"]
    # % else
    return response.json()
    # % endif
