"""How a call of another service can fail, by whether a later try may help.

Nothing here imports the client, so that tasks can name these errors at little cost.
"""


class HttpError(Exception):
    """A call that brought no good answer.

    ``status`` is that of the answer, ``None`` if none came, and ``content`` its body. ``retry_after``
    says in how many seconds the other side wants to be asked again, if it said so.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        retry_after: float | None = None,
        content: bytes = b"",
    ) -> None:
        super().__init__(message)
        self.status = status
        self.retry_after = retry_after
        self.content = content


class HttpTransientError(HttpError):
    """The same call may succeed later, and to repeat it does no harm."""


class HttpTimeoutError(HttpTransientError):
    """No whole answer in time."""


class HttpUnavailableError(HttpTransientError):
    """No connection, one that broke, or an answer that says so: 429 or 5xx."""


class CircuitOpenError(HttpTransientError):
    """The host has failed again and again, so it is left alone for a while; nothing was sent."""


class HttpOutcomeUnknownError(HttpError):
    """The call broke after it may have taken effect, and to repeat it might double that effect.

    Ask the other side what became of it, or send an ``Idempotency-Key`` in the first place.
    """


class HttpRefusedError(HttpError):
    """The other side says no (4xx), or points elsewhere (3xx): redirects are not followed."""


class UntrustedServerError(HttpError):
    """The server's certificate is not trusted, or not for this host."""


class ResponseTooLargeError(HttpError):
    """The answer is longer than ``Upstream.max_bytes``; the rest was not read."""


class BadResponseError(HttpError):
    """The answer is not what its headers say, or not what was asked for."""
