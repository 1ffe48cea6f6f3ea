"""Registers the app, which has a table of its own."""

from django.apps import AppConfig


class OidcConfig(AppConfig):
    name = "apps.users.authentication.oidc"
    verbose_name = "External identities"
