"""The keys that sign tokens and check them, read from PEM or from a secret (RFC 7515, RFC 7517).

Knows no settings, since they are checked with it.
"""

import base64
import hashlib
import hmac
import json
import re
from dataclasses import dataclass, field
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import (
    load_pem_private_key,
    load_pem_public_key,
)
from jwt.algorithms import OKPAlgorithm, RSAAlgorithm

# https://www.rfc-editor.org/rfc/rfc7518#section-3.3
RSA_MINIMUM_BITS = 2048
# "-----BEGI" in base64.
BASE64_START = "LS0tLS1CRUdJ"
PEM_BLOCK = re.compile(r"-----BEGIN ([A-Z ]+)-----.*?-----END \1-----", re.DOTALL)


class KeyFaultError(ValueError):
    """A key cannot be used. The message says why, behind the key's name, and never repeats it."""


@dataclass(frozen=True)
class Key:
    """One key, with the one algorithm that it is for: a token cannot choose another.

    ``signs`` is empty of a key that only checks. ``public`` is its public part as a JWK (RFC 7517),
    empty of a secret, which has none.
    """

    kid: str
    algorithm: str
    checks: Any = field(repr=False)
    signs: Any = field(repr=False, default=None)
    public: dict[str, str] | None = None


@dataclass(frozen=True)
class KeyRing:
    """The key that signs, and all whose tokens are taken, by ``kid``."""

    signing: Key
    checking: dict[str, Key]

    @property
    def public(self) -> list[dict[str, str]]:
        """The public parts of all keys, as JWKs."""
        return [key.public for key in self.checking.values() if key.public]


def key_ring(signing_key: str, verification_keys: str = "") -> KeyRing:
    """Return the keys of a service.

    Args:
        signing_key: a private key as PEM, RSA of 2048 bits or more (RS256) or Ed25519 (EdDSA); or
            a secret (HS256).
        verification_keys: public keys as PEM, one behind the other, whose tokens are taken too.

    Raises:
        KeyFaultError: when one of them cannot be used.
    """
    signing = read_signing_key(signing_key)
    keys = [signing, *read_public_keys(verification_keys)]
    # Where a key stands in both, the one that signs.
    return KeyRing(signing, {key.kid: key for key in reversed(keys)})


def is_pem(text: str) -> bool:
    """Tell whether ``text`` is meant to be PEM. A PEM that lost a part must not pass for a secret."""
    return "-----" in text or text.startswith(BASE64_START)


def read_signing_key(text: str) -> Key:
    """Return the key that ``text`` is: a secret, or PEM, in one of the ways that fit into one line.

    Those are PEM with its line breaks written as ``\\n``, and PEM in base64, which needs no quotes.

    Raises:
        KeyFaultError: when it is PEM, and no private key that can be used.
    """
    if not is_pem(text):
        secret = text.encode()
        return Key(kid=_secret_id(secret), algorithm="HS256", checks=secret, signs=secret)
    pem = _pem(text)
    if "PUBLIC KEY" in pem:
        raise KeyFaultError("is a public key, which cannot sign")
    try:
        private = load_pem_private_key(pem.encode(), password=None)
    except TypeError as error:
        raise KeyFaultError("has a password, which nobody can enter") from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise KeyFaultError("is no private key in PEM") from error
    if not isinstance(private, RSAPrivateKey | Ed25519PrivateKey):
        raise KeyFaultError("is neither an RSA key nor an Ed25519 key")
    return _asymmetric(private.public_key(), signs=private)


def read_public_keys(text: str) -> list[Key]:
    """Return the keys in ``text``: PEM blocks one behind the other, written as the signing key.

    Raises:
        KeyFaultError: when there is anything else than public keys that can be used.
    """
    pem = _pem(text)
    if "PRIVATE KEY" in pem:
        raise KeyFaultError("holds a private key; only its public part belongs here")
    if PEM_BLOCK.sub("", pem).strip():
        raise KeyFaultError("holds something else than public keys in PEM")
    keys = []
    for block in PEM_BLOCK.finditer(pem):
        try:
            public = load_pem_public_key(block[0].encode())
        except (ValueError, UnsupportedAlgorithm) as error:
            raise KeyFaultError("holds something else than public keys in PEM") from error
        if not isinstance(public, RSAPublicKey | Ed25519PublicKey):
            raise KeyFaultError("holds a key that is neither RSA nor Ed25519")
        keys.append(_asymmetric(public))
    return keys


def _asymmetric(public: RSAPublicKey | Ed25519PublicKey, signs: Any = None) -> Key:
    if isinstance(public, RSAPublicKey):
        if public.key_size < RSA_MINIMUM_BITS:
            raise KeyFaultError(f"has fewer than {RSA_MINIMUM_BITS} bits")
        algorithm, described = "RS256", RSAAlgorithm.to_jwk(public, as_dict=True)
        members = ("kty", "n", "e")
    else:
        algorithm, described = "EdDSA", OKPAlgorithm.to_jwk(public, as_dict=True)
        members = ("kty", "crv", "x")
    parts = {member: str(described[member]) for member in members}
    kid = _thumbprint(parts)
    jwk = {**parts, "kid": kid, "use": "sig", "alg": algorithm}
    return Key(kid=kid, algorithm=algorithm, checks=public, signs=signs, public=jwk)


def _thumbprint(parts: dict[str, str]) -> str:
    """Return the SHA-256 thumbprint of a JWK (RFC 7638; RFC 8037 for Ed25519)."""
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"))
    return _base64(hashlib.sha256(text.encode()).digest())


def _secret_id(secret: bytes) -> str:
    # Made as a signature is, so it tells of the secret nothing that a token does not.
    return _base64(hmac.digest(secret, b"kid", "sha256"))


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _pem(text: str) -> str:
    if text.startswith(BASE64_START):
        try:
            return base64.b64decode("".join(text.split()), validate=True).decode().strip()
        except ValueError as error:
            raise KeyFaultError("is cut off, or holds something else than base64") from error
    return text.replace("\\n", "\n").strip()
