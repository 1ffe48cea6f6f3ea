"""Bodies as the views get them."""

import json
import math
import re
from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from rest_framework import parsers
from rest_framework.exceptions import ParseError

from core.api.refusals import TooLargeError

# A string, which may be cut off, or what gives JSON its shape. Each byte is looked at once.
TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[\[\]{},]', re.DOTALL)


class JSONParser(parsers.JSONParser):
    """Reads JSON, and refuses what is too large, and what parsers read in different ways.

    DRF reads past Django's own check of DATA_UPLOAD_MAX_MEMORY_SIZE, so that limit holds here too:
    https://docs.djangoproject.com/en/stable/ref/settings/#data-upload-max-memory-size
    Names that come twice, ``NaN`` and numbers that are too large are valid for some parsers only, and
    not the same for all: https://www.rfc-editor.org/rfc/rfc8259#section-4
    """

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,  # noqa: ARG002 (as DRF calls it)
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        body = stream.read() if limit is None else stream.read(limit + 1)
        if limit is not None and len(body) > limit:
            raise TooLargeError
        check_shape(body)
        encoding = (parser_context or {}).get("encoding", settings.DEFAULT_CHARSET)
        try:
            return json.loads(
                body.decode(encoding),
                parse_constant=_finite,
                parse_float=_finite,
                object_pairs_hook=_unique,
            )
        # Among them: integers of more digits than Python reads, and charsets that there are not.
        except (ValueError, LookupError) as error:
            raise ParseError(f"JSON parse error - {error}") from error


def check_shape(body: bytes) -> None:
    """Refuse JSON that is nested too deep or has too many values, before anything is made of it."""
    depth = values = 0
    for token in TOKEN.finditer(body):
        match body[token.start()]:
            case 0x5B | 0x7B:  # [ {
                depth += 1
                values += 1
            case 0x5D | 0x7D:  # ] }
                depth -= 1
            case 0x2C:  # ,
                values += 1
        if depth > settings.JSON_MAX_DEPTH:
            raise ParseError(
                f"The JSON is nested too deep. Nest at most {settings.JSON_MAX_DEPTH} times.",
                code="too_deep",
            )
        if values > settings.JSON_MAX_VALUES:
            raise ParseError(
                f"The JSON has too many values. Send at most {settings.JSON_MAX_VALUES}.",
                code="too_many_values",
            )


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"Out of range: {text[:20]}")
    return number


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the object that ``pairs`` make, if each name is there once."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ParseError("A name stands twice in one object.", code="duplicate_name")
    return found
