"""Signs a caller in by its key."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import status
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import APIException
from rest_framework.request import Request

from core.security.api_keys.models import ApiKey
from core.security.api_keys.services import api_key_check

SCHEME = "Api-Key"


class InvalidApiKey(APIException):
    """The key is unknown, revoked or expired, or its user is not active: which, is not told.

    Not DRF's AuthenticationFailed, which answers with the challenge of the first authentication
    class, and with 403 where that one has none.
    """

    status_code = status.HTTP_401_UNAUTHORIZED
    default_code = "invalid_api_key"
    default_detail = "The API key is not valid."
    auth_header = f'{SCHEME} realm="api"'


class ApiKeyAuthentication(BaseAuthentication):
    """Reads ``Authorization: Api-Key <prefix>.<secret>``; other schemes are left to others."""

    def authenticate(self, request: Request) -> tuple[Any, ApiKey] | None:
        scheme, _, key = get_authorization_header(request).partition(b" ")
        if scheme.lower() != SCHEME.lower().encode():
            return None
        api_key = api_key_check(key=key.decode("latin-1").strip())
        if api_key is None:
            raise InvalidApiKey
        return api_key.user, api_key

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002
        return InvalidApiKey.auth_header


class ApiKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Describes the keys in the OpenAPI document."""

    target_class = ApiKeyAuthentication
    name = "apiKey"

    def get_security_definition(self, *_: object) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": f"`{SCHEME} <key>`",
        }
