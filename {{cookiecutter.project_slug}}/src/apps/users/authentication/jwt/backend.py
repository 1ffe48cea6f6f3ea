"""Reads the access token of a request.

https://django-rest-framework-simplejwt.readthedocs.io/en/stable/
"""

from typing import Any

from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.request import Request
from rest_framework_simplejwt import authentication, exceptions

from apps.users.authentication.jwt.cookies import ACCESS_COOKIE
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


class CookieAuthentication(JWTAuthentication):
    """Takes the access token of a cookie, of a request without the header ``Authorization``.

    Browsers send cookies on their own, so all but safe requests need a CSRF token.
    """

    def get_header(self, request: Request) -> Any:
        """Return the cookie as the header that it stands for."""
        token = request.COOKIES.get(ACCESS_COOKIE)
        if super().get_header(request) is not None or not token:
            return None
        return b"Bearer " + token.encode()

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        found = super().authenticate(request)
        if found:
            check_csrf(request)
        return found


class CsrfAuthentication(authentication.JWTAuthentication):
    """Takes nobody, but refuses a request without a CSRF token.

    Else a page on another site could sign its visitors in to an account of its own, or out.
    """

    def authenticate(self, request: Request) -> None:
        check_csrf(request)


def check_csrf(request: Request) -> None:
    """Refuse a request that is not safe, and has no CSRF token or comes from another origin.

    https://docs.djangoproject.com/en/stable/ref/csrf/#how-it-works

    Raises:
        PermissionDenied: with the code ``csrf_failed``.
    """
    try:
        SessionAuthentication().enforce_csrf(request)
    except PermissionDenied as error:
        raise PermissionDenied(str(error.detail), code="csrf_failed") from error


def with_one_detail(error: exceptions.AuthenticationFailed) -> AuthenticationFailed:
    """Return ``error`` as all other errors of the API are: one detail with one code.

    simplejwt's own hold a dictionary, whose every entry would pass for an error of its own.
    """
    detail: Any = error.detail
    return AuthenticationFailed(str(detail["detail"]), code=str(detail["code"]))
