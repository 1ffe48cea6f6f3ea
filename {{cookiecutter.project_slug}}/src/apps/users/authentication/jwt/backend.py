"""Reads the access token of a request.

https://django-rest-framework-simplejwt.readthedocs.io/en/stable/
"""

from typing import Any

from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework_simplejwt import authentication, exceptions

from apps.users.authentication.jwt.services import token_user


class JWTAuthentication(authentication.JWTAuthentication):
    """Takes ``Authorization: Bearer`` with an access token of this service."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        try:
            return super().authenticate(request)
        except exceptions.AuthenticationFailed as error:
            raise with_one_detail(error) from error

    def get_user(self, validated_token: Any) -> Any:
        """Return the account, with one query, which asks whether the sign-in has ended too."""
        try:
            return token_user(token=validated_token)
        except exceptions.TokenError as error:
            raise exceptions.InvalidToken(error.args[0]) from error


def with_one_detail(error: exceptions.AuthenticationFailed) -> AuthenticationFailed:
    """Return ``error`` as all other errors of the API are: one detail with one code.

    simplejwt's own hold a dictionary, whose every entry would pass for an error of its own.
    """
    detail: Any = error.detail
    return AuthenticationFailed(str(detail["detail"]), code=str(detail["code"]))
