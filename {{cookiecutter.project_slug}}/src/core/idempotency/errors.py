"""What is refused of a request with a key. Clients branch on the codes, so they never change."""

from core.errors import ApplicationError, ConflictError, UnprocessableError


class MalformedKeyError(ApplicationError):
    """The header holds no key."""

    code = "idempotency_key_malformed"


class KeyReusedError(UnprocessableError):
    """The key belongs to another request."""

    code = "idempotency_key_reused"


class KeyInUseError(ConflictError):
    """A request with this key is at work."""

    code = "idempotency_key_in_use"
