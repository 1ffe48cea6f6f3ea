"""Validates the issuer's tokens against the keys that it publishes (RFC 7519, RFC 7517)."""

import functools
import logging
import time
from typing import Any

import jwt
from django.conf import settings
from rest_framework import status
from rest_framework.exceptions import APIException, AuthenticationFailed

logger = logging.getLogger(__name__)

# Asymmetric ones only: with HS256 the public key would be the secret.
ALGORITHMS = ("RS256", "ES256")
CLOCK_SKEW_SECONDS = 10
FETCH_TIMEOUT_SECONDS = 2
# A key that the issuer withdraws is trusted for so long.
KEYS_LIFETIME_SECONDS = 10 * 60
# A token with an unknown key makes the service fetch the keys again, but not more often than this.
REFETCH_AFTER_SECONDS = 10
# When the issuer did not answer, nobody waits for it again until then.
RETRY_AFTER_SECONDS = 5


class IssuerUnavailableError(APIException):
    """Nobody can tell now whether the token is valid. It may well be: the client can try again."""

    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_code = "issuer_unavailable"
    default_detail = "The token cannot be checked at the moment."
    # Becomes the header Retry-After.
    wait = RETRY_AFTER_SECONDS


class IssuerKeys(jwt.PyJWKClient):
    """The keys at a URL, kept for a while.

    https://pyjwt.readthedocs.io/en/stable/api.html#jwt.PyJWKClient
    """

    _failed_at: float | None = None

    def fetch_data(self) -> Any:
        """Read the keys.

        Raises:
            IssuerUnavailableError: when the issuer does not answer with keys.
        """
        if self._failed_at and time.monotonic() - self._failed_at < RETRY_AFTER_SECONDS:
            raise IssuerUnavailableError
        try:
            keys = super().fetch_data()
        # ValueError: the answer is no JSON.
        except (jwt.PyJWKClientError, jwt.PyJWKSetError, ValueError) as error:
            self._failed_at = time.monotonic()
            logger.warning("OIDC_JWKS_URL %s gives no keys: %s", self.uri, error)
            raise IssuerUnavailableError from error
        self._failed_at = None
        return keys


@functools.cache
def issuer_keys(url: str) -> IssuerKeys:
    """Return the keys at ``url``, the same object for all threads of the process."""
    return IssuerKeys(
        url,
        lifespan=KEYS_LIFETIME_SECONDS,
        timeout=FETCH_TIMEOUT_SECONDS,
        cooldown_duration=REFETCH_AFTER_SECONDS,
    )


def token_claims(token: str) -> dict[str, Any]:
    """Return the claims of ``token``.

    Raises:
        AuthenticationFailed: when it is not of this issuer, not for this service, expired, not
            valid yet, or not signed with one of the issuer's keys.
        IssuerUnavailableError: when the keys cannot be read.
    """
    try:
        # Before the keys are asked for, since that may cost a request to the issuer.
        if jwt.get_unverified_header(token).get("alg") not in ALGORITHMS:
            raise jwt.InvalidAlgorithmError
        if not settings.OIDC_JWKS_URL:
            logger.error("Nobody can sign in with a token: OIDC_JWKS_URL is not set.")
            raise IssuerUnavailableError
        claims: dict[str, Any] = jwt.decode(
            token,
            issuer_keys(settings.OIDC_JWKS_URL).get_signing_key_from_jwt(token),
            algorithms=ALGORITHMS,
            issuer=settings.OIDC_ISSUER,
            audience=settings.OIDC_AUDIENCE,
            leeway=CLOCK_SKEW_SECONDS,
            options={"require": ["exp", "iss", "aud", "sub"]},
        )
    except jwt.PyJWTError as error:
        logger.info("A token was refused: %s", error)
        raise AuthenticationFailed(
            "The token is not valid, or no longer.", code="token_not_valid"
        ) from error
    return claims
