"""The keys that encrypt what columns hold: the first encrypts, each opens what it has encrypted.

Knows no settings, since they are checked with it.
"""

import base64
import binascii
import re
import secrets
from collections.abc import Iterable, Mapping
from functools import cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
# That fewer are different does not happen by chance.
KEY_MINIMUM_UNIQUE_BYTES = 16
# https://csrc.nist.gov/pubs/sp/800/38/d/final, section 8.2.2: 96 random bits.
NONCE_BYTES = 12
KEY = re.compile(r"([\w-]{1,32}):([\w-]+=?)", re.ASCII)
ENCRYPTED = re.compile(r"v1:([\w-]{1,32}):([\w-]+)", re.ASCII)


class KeyFaultError(ValueError):
    """A key cannot be used. The message says why, behind the setting's name, and never repeats it."""


class DecryptionError(Exception):
    """A value cannot be opened. The message names model, field and key, and neither value nor secret."""


class KeyRing:
    """Encrypts with AES-256-GCM, and opens (NIST SP 800-38D).

    Nonces are random, so one key may encrypt 2^32 values at most (section 8.3): replace it long before.
    """

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        """Take keys of 32 bytes by their ids, the one that encrypts first.

        Raises:
            KeyFaultError: when there is none.
        """
        if not keys:
            raise KeyFaultError("names no key")
        self.first = next(iter(keys))
        self._ciphers = {name: AESGCM(key) for name, key in keys.items()}

    def encrypt(self, text: str, *, bound_to: str) -> str:
        """Return ``text`` as ``v1:<key id>:<nonce, ciphertext and tag in base64url>``.

        Args:
            bound_to: what the text is of, such as a column: it opens as that alone.
        """
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = self._ciphers[self.first].encrypt(
            nonce, text.encode(), _associated(self.first, bound_to)
        )
        return f"v1:{self.first}:{base64.urlsafe_b64encode(nonce + sealed).decode().rstrip('=')}"

    def decrypt(self, value: str, *, bound_to: str) -> str:
        """Return the text of what ``encrypt`` returned.

        Raises:
            DecryptionError: when the key is not there, or the value was changed or is another one's.
        """
        found = ENCRYPTED.fullmatch(value)
        if found is None:
            raise DecryptionError(f"{bound_to} holds a value that is not encrypted.")
        name, sealed = found.groups()
        if name not in self._ciphers:
            raise DecryptionError(f"{bound_to} needs the key {name!r}, which is not there.")
        try:
            raw = base64.urlsafe_b64decode(sealed + "=" * (-len(sealed) % 4))
            nonce, rest = raw[:NONCE_BYTES], raw[NONCE_BYTES:]
            opened = self._ciphers[name].decrypt(nonce, rest, _associated(name, bound_to))
        except (binascii.Error, InvalidTag, ValueError):
            # From None: what the library says of it helps nobody.
            raise DecryptionError(
                f"{bound_to} does not open with the key {name!r}: the value was changed, or encrypted "
                "for another column or with another key of that id."
            ) from None
        return opened.decode()

    def is_current(self, value: str) -> bool:
        """Tell whether the first key has encrypted ``value``, as far as it says so itself."""
        return value.startswith(f"v1:{self.first}:")


@cache
def key_ring(items: tuple[str, ...]) -> KeyRing:
    """Return the keys that ``read_keys`` reads.

    Raises:
        KeyFaultError: as ``read_keys`` does, and when there are none.
    """
    return KeyRing(read_keys(items))


def read_keys(items: Iterable[str]) -> dict[str, bytes]:
    """Return the keys by their ids, in order.

    Args:
        items: each as ``<id>:<32 bytes in base64url>``, with or without the ``=`` at its end.

    Raises:
        KeyFaultError: when one is none, or stands there twice.
    """
    keys: dict[str, bytes] = {}
    for item in items:
        found = KEY.fullmatch(item)
        if found is None:
            raise KeyFaultError("holds something else than ID:KEY")
        name, encoded = found.groups()
        try:
            key = base64.urlsafe_b64decode(encoded.rstrip("=") + "=")
        except binascii.Error:
            key = b""
        if len(key) != KEY_BYTES:
            raise KeyFaultError("holds a key that is not 32 bytes in base64url")
        if name in keys or key in keys.values():
            raise KeyFaultError("has an id or a key twice")
        keys[name] = key
    return keys


def key_fault(value: str) -> str | None:
    """Return what is wrong with a list of keys, with commas between them; ``None`` if it is good."""
    try:
        keys = read_keys(item.strip() for item in value.split(",") if item.strip())
    except KeyFaultError as fault:
        return str(fault)
    if not keys:
        return "names no key"
    if any(len(set(key)) < KEY_MINIMUM_UNIQUE_BYTES for key in keys.values()):
        return "has a key that is too regular to be random"
    return None


def _associated(name: str, bound_to: str) -> bytes:
    return f"v1:{name}:{bound_to}".encode()
