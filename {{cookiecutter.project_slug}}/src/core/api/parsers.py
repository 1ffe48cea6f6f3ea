"""Bodies as the views get them."""

from collections.abc import Mapping
from io import BytesIO
from typing import IO, Any

from django.conf import settings
from rest_framework import parsers
from rest_framework.exceptions import ParseError

from core.api.refusals import TooLargeError


class JSONParser(parsers.JSONParser):
    """Reads JSON, and refuses what is too large or nested deeper than Python can follow.

    DRF reads past Django's own check of DATA_UPLOAD_MAX_MEMORY_SIZE, so that limit holds here too:
    https://docs.djangoproject.com/en/stable/ref/settings/#data-upload-max-memory-size
    """

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        body = stream.read() if limit is None else stream.read(limit + 1)
        if limit is not None and len(body) > limit:
            raise TooLargeError
        try:
            return super().parse(BytesIO(body), media_type, parser_context)
        except RecursionError as error:
            raise ParseError("The JSON is nested too deep.") from error
