"""What comes back from a service: an answer of bounded size, or an error."""

import json
import ssl
import time
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
from django.utils.http import parse_http_date_safe

from core.http.errors import (
    BadResponseError,
    HttpError,
    HttpOutcomeUnknownError,
    HttpRefusedError,
    HttpTimeoutError,
    HttpUnavailableError,
    ResponseTooLargeError,
    UntrustedServerError,
)

# The other side asks for a later try: https://www.rfc-editor.org/rfc/rfc6585#section-4 and
# https://www.rfc-editor.org/rfc/rfc9110#section-15.6.4
TRY_LATER = (429, 503)
NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
GZIP = 16 + zlib.MAX_WBITS


@dataclass(frozen=True)
class Response:
    """An answer with a status of 2xx. ``headers`` are found by their names in any case.

    ``content`` is the body without its content coding.
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)

    def json(self) -> Any:
        """Return the value of the JSON body.

        Raises:
            BadResponseError: if it is no JSON, or does not say that it is.
        """
        media_type = self.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if media_type != "application/json" and not media_type.endswith("+json"):
            raise BadResponseError(f"expected JSON, got {media_type or 'no content type'}")
        try:
            return json.loads(self.content)
        except ValueError as error:
            raise BadResponseError("the body is no valid JSON") from error


async def read_body(response: httpx.Response, max_bytes: int) -> bytes:
    """Return the body, uncompressed.

    Raises:
        ResponseTooLargeError: if that is longer than ``max_bytes``; no more is uncompressed.
        BadResponseError: if it is not compressed as it says, or otherwise than with gzip.
    """
    coding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if coding not in ("identity", "gzip"):
        raise BadResponseError(f"content coding {coding!r}, which was not asked for")
    gzip = zlib.decompressobj(GZIP) if coding == "gzip" else None
    body = bytearray()
    is_empty = True
    async for chunk in response.aiter_raw():
        is_empty = False
        try:
            body += gzip.decompress(chunk, max_bytes - len(body) + 1) if gzip else chunk
        except zlib.error as error:
            raise BadResponseError("the body is not the gzip that it says to be") from error
        if len(body) > max_bytes:
            raise ResponseTooLargeError(f"the body is longer than {max_bytes} bytes")
    if gzip and not is_empty and (not gzip.eof or gzip.unused_data):
        raise BadResponseError("the body is not the one piece of gzip that it says to be")
    return bytes(body)


def refusal(response: httpx.Response, content: bytes, *, is_repeatable: bool) -> HttpError:
    """Return the error for an answer whose status is not 2xx."""
    status = response.status_code
    retry_after = retry_after_seconds(response.headers.get("Retry-After", ""))
    # A proxy answers 503 by itself where the service behind it broke off in the middle; whoever says
    # when to come again has done nothing.
    was_not_done = status == 429 or (status == 503 and retry_after is not None)
    kind: type[HttpError] = HttpRefusedError
    if was_not_done or (status >= 500 and is_repeatable):
        kind = HttpUnavailableError
    elif status >= 500:
        kind = HttpOutcomeUnknownError
    return kind(f"answered {status}", status=status, retry_after=retry_after, content=content)


def breakdown(error: Exception, *, is_repeatable: bool) -> HttpError:
    """Return the error for a call that broke off with an ``error`` of the transport."""
    if is_untrusted(error):
        return UntrustedServerError("the certificate is not trusted, or not for this host")
    reason = str(error) or type(error).__name__
    if not is_repeatable and not isinstance(error, NEVER_SENT):
        return HttpOutcomeUnknownError(f"broke off after it may have taken effect: {reason}")
    if isinstance(error, (httpx.TimeoutException, TimeoutError)):
        return HttpTimeoutError(f"no answer in time: {type(error).__name__}")
    return HttpUnavailableError(f"no connection, or one that broke: {reason}")


def is_untrusted(error: BaseException | None) -> bool:
    """Tell whether a certificate is at the bottom of ``error``."""
    while error and not isinstance(error, ssl.SSLCertVerificationError):
        error = error.__cause__ or error.__context__
    return error is not None


def retry_after_seconds(value: str) -> float | None:
    """Return the pause that a ``Retry-After`` asks for, ``None`` if it says none.

    https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3
    """
    if value.isascii() and value.isdigit():
        return float(value)
    moment = parse_http_date_safe(value)
    return None if moment is None else max(0.0, moment - time.time())
