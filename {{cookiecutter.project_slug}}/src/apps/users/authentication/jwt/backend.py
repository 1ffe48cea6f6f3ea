"""Reads the access token of a request.

https://django-rest-framework-simplejwt.readthedocs.io/en/stable/
"""

from rest_framework.exceptions import AuthenticationFailed
from rest_framework_simplejwt import authentication
from rest_framework_simplejwt.exceptions import InvalidToken
from rest_framework_simplejwt.tokens import Token


class JWTAuthentication(authentication.JWTAuthentication):
    """Takes ``Authorization: Bearer`` with an access token of this service."""

    def get_validated_token(self, raw_token: bytes) -> Token:
        try:
            return super().get_validated_token(raw_token)
        except InvalidToken as error:
            raise token_not_valid() from error


def token_not_valid() -> AuthenticationFailed:
    """Return the one answer for tokens that are forged, expired, used up or of the wrong kind."""
    return AuthenticationFailed("The token is not valid, or no longer.", code="token_not_valid")
