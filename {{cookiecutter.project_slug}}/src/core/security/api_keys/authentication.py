"""Signs a caller in by its key, where a scope of the key lets it in."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import status
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import APIException
from rest_framework.request import Request

from core.security.api_keys.models import ApiKey
from core.security.api_keys.scopes import scope_for, suffices
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


class InsufficientScope(APIException):
    """The key is good, but not for this.

    The answer says what is needed as it does for bearer tokens:
    https://www.rfc-editor.org/rfc/rfc6750#section-3.1
    """

    status_code = status.HTTP_403_FORBIDDEN
    default_code = "insufficient_scope"

    def __init__(self, needed: str | None) -> None:
        self.auth_header = f'{SCHEME} realm="api", error="insufficient_scope"'
        if needed is None:
            super().__init__("No API key may do that: sign in.")
        else:
            self.auth_header += f', scope="{needed}"'
            super().__init__(f"The API key lacks the scope {needed}.")


class ApiKeyAuthentication(BaseAuthentication):
    """Reads ``Authorization: Api-Key <key>``; other schemes are left to others.

    Scopes are asked for here and not by a permission, which a view could leave out.
    """

    def authenticate(self, request: Request) -> tuple[Any, ApiKey] | None:
        scheme, _, key = get_authorization_header(request).partition(b" ")
        if scheme.lower() != SCHEME.lower().encode():
            return None
        api_key = api_key_check(key=key.decode("latin-1").strip())
        if api_key is None:
            raise InvalidApiKey
        match = request.resolver_match
        needed = scope_for(request.method or "", match.route if match else "")
        if not suffices(api_key.scopes, needed):
            raise InsufficientScope(needed)
        return api_key.user, api_key

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002
        return InvalidApiKey.auth_header


class ApiKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Describes the keys in the OpenAPI document, and which scope each operation needs."""

    target_class = ApiKeyAuthentication
    name = "apiKey"

    def get_security_definition(self, *_: object) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": f"`{SCHEME} <key>`; an operation names the scope that the key needs.",
        }

    def get_security_requirement(
        self, auto_schema: Any
    ) -> dict[str, list[Any]] | list[dict[str, list[Any]]]:
        """Return the scope of an operation; nothing where keys are refused.

        https://spec.openapis.org/oas/v3.1.1.html#security-requirement-object
        """
        needed = scope_for(auto_schema.method, auto_schema.path_regex.removeprefix("/"))
        return [] if needed is None else {self.name: [needed]}
