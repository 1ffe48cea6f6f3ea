"""The credentials in the OpenAPI document."""

from typing import Any

from drf_spectacular.contrib.rest_framework_simplejwt import SimpleJWTScheme


class JWTAuthenticationScheme(SimpleJWTScheme):  # type: ignore[no-untyped-call]
    target_class = "apps.users.authentication.jwt.backend.JWTAuthentication"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        """Say where a token comes from."""
        definition = super().get_security_definition(auto_schema)  # type: ignore[no-untyped-call]
        return {**definition, "description": "The `access` token of `POST /api/v1/auth/token/`."}
