"""The credentials in the OpenAPI document."""

from typing import Any

from drf_spectacular.contrib.rest_framework_simplejwt import SimpleJWTScheme
from drf_spectacular.extensions import OpenApiAuthenticationExtension

from apps.users.authentication.jwt.cookies import ACCESS_COOKIE


class JWTAuthenticationScheme(SimpleJWTScheme):  # type: ignore[no-untyped-call]
    target_class = "apps.users.authentication.jwt.backend.JWTAuthentication"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        """Say where a token comes from."""
        definition = super().get_security_definition(auto_schema)  # type: ignore[no-untyped-call]
        return {**definition, "description": "The `access` token of `POST /api/v1/auth/token/`."}


class CookieAuthenticationScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "apps.users.authentication.jwt.backend.CookieAuthentication"
    name = "cookieAuth"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        """Say where the cookie comes from, and what comes with it."""
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": ACCESS_COOKIE,
            "description": "The cookie of `POST /api/v1/auth/cookies/`. All but GET requests carry the "
            "token of `GET /api/v1/auth/csrf/` too, in the header `X-CSRFToken`.",
        }
