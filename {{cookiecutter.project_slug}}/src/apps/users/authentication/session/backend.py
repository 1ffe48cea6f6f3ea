"""Reads the session of a request."""

from rest_framework import authentication
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request


class SessionAuthentication(authentication.SessionAuthentication):
    """Takes Django's session cookie.

    Who has not signed in gets 401, and 403 means that signing in would not help. DRF's own class
    has no WWW-Authenticate header, so DRF would answer 403 to both.
    """

    def authenticate_header(self, request: Request) -> str:
        return 'Session realm="api"'

    def enforce_csrf(self, request: Request) -> None:
        try:
            super().enforce_csrf(request)
        except PermissionDenied as error:
            raise PermissionDenied(str(error.detail), code="csrf_failed") from error


class SignInAuthentication(SessionAuthentication):
    """Takes nobody, but refuses a request without a CSRF token.

    Else a page on another site could sign its visitors in to an account of its own, and read
    what they enter there.
    """

    def authenticate(self, request: Request) -> None:
        self.enforce_csrf(request)
