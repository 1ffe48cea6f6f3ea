"""Access and refresh tokens (RFC 7519), signed with the keys of the settings.

https://django-rest-framework-simplejwt.readthedocs.io/en/stable/creating_tokens_manually.html
"""

import functools
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

import jwt
from django.conf import settings
from django.db import transaction
from rest_framework_simplejwt import tokens as simplejwt
from rest_framework_simplejwt.exceptions import (
    TokenBackendError,
    TokenBackendExpiredToken,
    TokenError,
)
from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.utils import get_md5_hash_password

from apps.users.authentication.accounts.errors import NoActiveAccountError
from apps.users.authentication.jwt.keys import KeyRing, key_ring
from apps.users.authentication.jwt.models import TokenFamily
from apps.users.models import User
from apps.users.services import user_lock
from core.identity.origin import current_origin

# What is longer is read no further. Tokens of the service have less than 1500 characters.
TOKEN_MAXIMUM_LENGTH = 8 * 1024
# The family: one sign-in, and all tokens that follow from it.
# https://www.iana.org/assignments/jwt/jwt.xhtml
FAMILY_CLAIM = "sid"

_ring = functools.lru_cache(maxsize=4)(key_ring)


def current_keys() -> KeyRing:
    """Return the keys of the settings.

    Raises:
        KeyFaultError: when one of them cannot be used. Production does not start with such a key.
    """
    return _ring(settings.JWT_SIGNING_KEY, settings.JWT_VERIFICATION_KEYS)


class KeyRingBackend:
    """Signs with the key that signs now, and checks with the one that a token names by ``kid``.

    The key decides which algorithm a token must have, never the token: ``none`` is no algorithm of
    any key, and a public key is no secret for HS256 (RFC 8725, section 3.1).
    """

    def encode(self, payload: dict[str, Any]) -> str:
        """Return a signed token with ``payload``, and with ``iss`` and ``aud`` of the settings."""
        key = current_keys().signing
        expected = {"iss": api_settings.ISSUER, "aud": api_settings.AUDIENCE}
        claims = {**payload, **{name: value for name, value in expected.items() if value}}
        return jwt.encode(claims, key.signs, algorithm=key.algorithm, headers={"kid": key.kid})

    def decode(self, token: str | bytes, verify: bool = True) -> dict[str, Any]:  # noqa: ARG002, FBT001, FBT002 (simplejwt's)
        """Return the claims of ``token``, whose signature is checked whatever ``verify`` says.

        Raises:
            TokenBackendExpiredToken: when it is over.
            TokenBackendError: when it is anything else than a valid token of this service.
        """
        if len(token) > TOKEN_MAXIMUM_LENGTH:
            raise TokenBackendError("Token is too long")
        try:
            key = current_keys().checking.get(jwt.get_unverified_header(token).get("kid", ""))
            if key is None:
                raise jwt.InvalidKeyError("The token names no key of this service.")
            return jwt.decode(
                token,
                key.checks,
                algorithms=[key.algorithm],
                audience=api_settings.AUDIENCE,
                issuer=api_settings.ISSUER,
                leeway=self.get_leeway(),
                options={"verify_aud": api_settings.AUDIENCE is not None, "require": ["exp"]},
            )
        except jwt.ExpiredSignatureError as error:
            raise TokenBackendExpiredToken("Token is expired") from error
        # RecursionError: JSON that is nested deeper than Python reads.
        except (jwt.PyJWTError, RecursionError) as error:
            raise TokenBackendError("Token is invalid") from error

    def get_leeway(self) -> timedelta:
        """Return by how much clocks may differ: nothing, since the service makes its tokens."""
        return timedelta()


class OwnTokenMixin:
    """A token of this service."""

    _token_backend: Any = KeyRingBackend()

    @property
    def family_id(self) -> UUID:
        """The family that the token belongs to."""
        return self._id(FAMILY_CLAIM)

    @property
    def user_id(self) -> UUID:
        """The account that the token is for."""
        return self._id(api_settings.USER_ID_CLAIM)

    def _id(self, claim: str) -> UUID:
        payload: dict[str, Any] = self.payload  # type: ignore[attr-defined]
        try:
            return UUID(payload[claim])
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            raise TokenError(f"Token has no {claim}") from error


class AccessToken(OwnTokenMixin, simplejwt.AccessToken):
    """Goes into each request. It ends by itself, or with its family."""


class RefreshToken(OwnTokenMixin, simplejwt.RefreshToken):
    """Gets the next pair of tokens, once: it is good while its family names it as the current one."""

    access_token_class = AccessToken

    @classmethod
    @transaction.atomic
    def for_user(cls, user: Any) -> "RefreshToken":
        """Return the first token of a new family: ``user`` signs in.

        Raises:
            NoActiveAccountError: when the account was closed or erased in this moment.
        """
        if not user_lock(user_id=user.pk):
            raise NoActiveAccountError
        token = cast("RefreshToken", super().for_user(user))
        origin = current_origin()
        family = TokenFamily.objects.create(
            user=user,
            current=token["jti"],
            expires_at=token.family_expires_at,
            network=origin.network,
            user_agent=origin.user_agent,
        )
        token[FAMILY_CLAIM] = str(family.pk)
        return token

    @property
    def family_expires_at(self) -> datetime:
        """When no token that was made until now can still be valid."""
        lifetime: timedelta = max(
            api_settings.REFRESH_TOKEN_LIFETIME, api_settings.ACCESS_TOKEN_LIFETIME
        )
        return self.current_time + lifetime


def read_token(text: str) -> AccessToken | RefreshToken:
    """Return the token of either kind that ``text`` is.

    Raises:
        TokenError: when it is no valid token of this service.
    """
    try:
        return AccessToken(text)  # type: ignore[arg-type]
    except TokenError:
        return RefreshToken(text)  # type: ignore[arg-type]


def is_password_of(token: OwnTokenMixin, user: User) -> bool:
    """Tell whether ``token`` was made since the user's password was last changed."""
    payload: dict[str, Any] = token.payload  # type: ignore[attr-defined]
    expected: str = get_md5_hash_password(user.password)
    return bool(payload.get(api_settings.REVOKE_TOKEN_CLAIM) == expected)
