"""Reads the bearer token of a request (RFC 6750)."""

from typing import Any

from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from apps.users.authentication.oidc.services import user_provision
from apps.users.authentication.oidc.tokens import token_claims
from apps.users.models import User


class BearerAuthentication(BaseAuthentication):
    """Takes ``Authorization: Bearer`` with a token of the issuer. ``request.auth`` is its claims."""

    def authenticate(self, request: Request) -> tuple[User, dict[str, Any]] | None:
        scheme, _, token = get_authorization_header(request).partition(b" ")
        if scheme.lower() != b"bearer":
            return None
        claims = token_claims(token.decode("latin-1"))
        user = user_provision(claims=claims)
        if not user.is_active:
            raise AuthenticationFailed("The account is closed.", code="user_inactive")
        return user, claims

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'
