"""What is wrong with a request, fault by fault: the same in every format."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from rest_framework.exceptions import APIException, ErrorDetail, ValidationError
from rest_framework.settings import api_settings

from core.api.refusals import InvalidParameterError

# What a fragment may hold besides letters and digits: https://www.rfc-editor.org/rfc/rfc3986#section-3.5
FRAGMENT_CHARACTERS = "/?:@!$&'()*+,;=~"

Path = tuple[str, ...]


def summary_of(error: APIException) -> tuple[str, str]:
    """Return the code and the sentence that stand for all faults of ``error``."""
    if isinstance(error, ValidationError):
        return "validation_error", "The input is not valid."
    first = next(details_of(error.detail))[1]
    return str(first.code), str(first)


def faults_of(error: APIException) -> list[dict[str, str]]:
    """Return each fault of ``error`` with its code, its detail, and what it is about.

    That is ``pointer``, to a place in the body, or ``parameter``, the name of one in the query. A
    fault of neither, such as a missing right, has none of both.
    """
    return [
        {"code": str(detail.code), "detail": str(detail), **place_of(path, error)}
        for path, detail in details_of(error.detail)
    ]


def place_of(path: Path, error: APIException) -> dict[str, str]:
    if isinstance(error, InvalidParameterError):
        return {"parameter": path[0]} if path else {}
    if path or isinstance(error, ValidationError):
        return {"pointer": pointer_to(path)}
    return {}


def pointer_to(path: Path) -> str:
    """Return the JSON pointer to ``path`` as a URI fragment (RFC 6901, section 6)."""
    tokens = [name.replace("~", "~0").replace("/", "~1") for name in path]
    return "#" + quote(
        "".join(f"/{token}" for token in tokens), FRAGMENT_CHARACTERS, errors="replace"
    )


def details_of(detail: Any, path: Path = ()) -> Iterator[tuple[Path, ErrorDetail]]:
    """Yield the single details in ``detail``, as DRF nests them, each with the path to its place."""
    if isinstance(detail, dict):
        for key, value in detail.items():
            is_about_all = key in {api_settings.NON_FIELD_ERRORS_KEY, "__all__"}
            yield from details_of(value, path if is_about_all else (*path, str(key)))
    elif isinstance(detail, list):
        for index, item in enumerate(detail):
            is_about_item = not isinstance(item, ErrorDetail)
            yield from details_of(item, (*path, str(index)) if is_about_item else path)
    else:
        yield path, detail
