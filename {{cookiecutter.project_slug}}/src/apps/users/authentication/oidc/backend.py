"""Reads the bearer token of a request (RFC 6750)."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import build_bearer_security_scheme_object
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


class BearerAuthenticationScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """The same in the OpenAPI document."""

    target_class = BearerAuthentication
    name = "oidcAuth"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return build_bearer_security_scheme_object(
            header_name="Authorization", token_prefix="Bearer", bearer_format="JWT"
        )
