"""Validates the issuer's tokens (RFC 7519, with the advice of RFC 8725)."""

import logging
from collections.abc import Mapping
from typing import Any

import jwt
from django.conf import settings
from rest_framework.exceptions import AuthenticationFailed

from apps.users.authentication.oidc.keys import ALGORITHMS, IssuerUnavailableError, issuer_keys

logger = logging.getLogger(__name__)

CLOCK_SKEW_SECONDS = 10
# What gunicorn takes as one header. Longer ones are not even looked at.
TOKEN_MAXIMUM_LENGTH = 8 * 1024
# ID tokens and access tokens (RFC 9068, section 4) are taken, whether they say so or not. What says
# that it is something else, such as a logout token, is not (RFC 8725, section 3.11).
TYPES = ("jwt", "at+jwt", "application/at+jwt")


def token_claims(token: str) -> dict[str, Any]:
    """Return the claims of ``token``.

    Raises:
        AuthenticationFailed: when it is not of this issuer, not for this service, not of a client
            that may call it, expired, not valid yet, longer than ``TOKEN_MAXIMUM_LENGTH``, or not
            signed with one of the issuer's keys.
        IssuerUnavailableError: when the keys cannot be read.
    """
    try:
        return _valid_claims(token)
    except jwt.PyJWTError as error:
        logger.info("A token was refused: %s", error)
        raise AuthenticationFailed(
            "The token is not valid, or no longer.", code="token_not_valid"
        ) from error


def _valid_claims(token: str) -> dict[str, Any]:
    if len(token) > TOKEN_MAXIMUM_LENGTH:
        raise jwt.InvalidTokenError("It is too long.")
    # Before the keys are asked for, since that may cost a request to the issuer.
    header = jwt.get_unverified_header(token)
    if header.get("alg") not in ALGORITHMS:
        raise jwt.InvalidAlgorithmError("Its algorithm is not allowed.")
    if str(header.get("typ", "JWT")).lower() not in TYPES:
        raise jwt.InvalidTokenError("It is a token of another type.")
    if not header.get("kid"):
        raise jwt.InvalidTokenError("It names no key.")
    if not settings.OIDC_ISSUER or not settings.OIDC_AUDIENCE:
        logger.error("Nobody can sign in: OIDC_ISSUER or OIDC_AUDIENCE is not set.")
        raise IssuerUnavailableError
    keys = issuer_keys(issuer=settings.OIDC_ISSUER, jwks_url=settings.OIDC_JWKS_URL)
    claims: dict[str, Any] = jwt.decode(
        token,
        keys.key(header["kid"]),
        algorithms=ALGORITHMS,
        issuer=settings.OIDC_ISSUER,
        audience=settings.OIDC_AUDIENCE,
        leeway=CLOCK_SKEW_SECONDS,
        options={"require": ["exp", "iss", "aud", "sub"]},
    )
    _check_client(claims)
    return claims


def _check_client(claims: Mapping[str, Any]) -> None:
    """Refuse a token of a client that is not among ``OIDC_CLIENT_IDS``, if any are.

    ``azp`` names it (OpenID Connect Core, section 2), or ``client_id`` (RFC 9068, section 2.2).
    """
    allowed = settings.OIDC_CLIENT_IDS
    if allowed and claims.get("azp", claims.get("client_id")) not in allowed:
        raise jwt.InvalidTokenError("It was made for a client that may not call this service.")
