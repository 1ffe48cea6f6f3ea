"""The header's value, and what stands for it and for its request in the database."""

import re
from hashlib import sha256
from uuid import UUID

from core.idempotency.errors import MalformedKeyError

KEY_LENGTH_MAXIMUM = 255
# A string of structured fields (RFC 9651, section 3.3.3), or, as most clients send it, bare.
QUOTED = re.compile(r'"((?:[ !#-\[\]-~]|\\["\\])*)"')
BARE = re.compile(r"[!#-+\--:<-\[\]-~]+")


def parse_key(value: str) -> str:
    r"""Return the key that the header ``Idempotency-Key`` holds, without its quotation marks.

    Args:
        value: a string in quotation marks, in which ``\"`` and ``\\`` stand for ``"`` and ``\``; or
            visible ASCII characters without ``"``, ``,``, ``;`` and ``\``. Both name the same key.

    Raises:
        MalformedKeyError: for anything else, and for a key that is not 1 to KEY_LENGTH_MAXIMUM
            characters long.
    """
    value = value.strip(" \t")
    if quoted := QUOTED.fullmatch(value):
        key = re.sub(r"\\(.)", r"\1", quoted[1])
    else:
        key = value if BARE.fullmatch(value) else ""
    if not 1 <= len(key) <= KEY_LENGTH_MAXIMUM:
        raise MalformedKeyError(
            f"Idempotency-Key is a string of 1 to {KEY_LENGTH_MAXIMUM} characters of ASCII in "
            'quotation marks, for example "8e03978e-40d5-43e8-bc93-6894a57f9324".'
        )
    return key


def digest_of(*, user_id: UUID, key: str) -> str:
    """Return what finds the key of a user: another user's same key is another key."""
    return sha256(f"{user_id}\n{key}".encode()).hexdigest()


def fingerprint_of(*, method: str, path: str, body: bytes) -> str:
    """Return what tells a request from others; ``path`` is with its query."""
    return sha256(f"{method} {path}\n".encode() + body).hexdigest()
