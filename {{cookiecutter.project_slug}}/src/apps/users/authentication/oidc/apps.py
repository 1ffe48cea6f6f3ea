"""Registers the app, which has a table of its own."""

from django.apps import AppConfig


class OidcConfig(AppConfig):
    name = "apps.users.authentication.oidc"
    verbose_name = "External identities"

    def ready(self) -> None:
        # Here, because it reads the models.
        from apps.users.authentication.oidc.roles import check_settings  # noqa: PLC0415

        check_settings()
