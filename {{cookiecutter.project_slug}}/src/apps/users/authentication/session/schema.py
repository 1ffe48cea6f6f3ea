"""The credentials in the OpenAPI document."""

from drf_spectacular.authentication import SessionScheme


class SessionAuthenticationScheme(SessionScheme):  # type: ignore[no-untyped-call]
    target_class = "apps.users.authentication.session.backend.SessionAuthentication"
