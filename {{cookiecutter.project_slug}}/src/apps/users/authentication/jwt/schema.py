"""The credentials in the OpenAPI document."""

from drf_spectacular.contrib.rest_framework_simplejwt import SimpleJWTScheme


class JWTAuthenticationScheme(SimpleJWTScheme):  # type: ignore[no-untyped-call]
    target_class = "apps.users.authentication.jwt.backend.JWTAuthentication"
