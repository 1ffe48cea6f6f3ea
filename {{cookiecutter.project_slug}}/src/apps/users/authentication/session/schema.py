"""The credentials in the OpenAPI document."""

from typing import Any

from drf_spectacular.authentication import SessionScheme


class SessionAuthenticationScheme(SessionScheme):  # type: ignore[no-untyped-call]
    target_class = "apps.users.authentication.session.backend.SessionAuthentication"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        """Say where the cookie comes from, and what comes with it."""
        definition = super().get_security_definition(auto_schema)  # type: ignore[no-untyped-call]
        description = (
            "The cookie of `POST /api/v1/auth/login/`. All but GET requests carry the token of "
            "`GET /api/v1/auth/csrf/` too, in the header `X-CSRFToken`."
        )
        return {**definition, "description": description}
