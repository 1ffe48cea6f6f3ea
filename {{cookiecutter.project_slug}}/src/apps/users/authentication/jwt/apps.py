"""Registers the app, which has a table of its own."""

from importlib import import_module

from django.apps import AppConfig


class JwtConfig(AppConfig):
    name = "apps.users.authentication.jwt"
    verbose_name = "Token families"

    def ready(self) -> None:
        # Lets `manage.py check --deploy` know them.
        import_module("apps.users.authentication.jwt.checks")
        import_module("apps.users.authentication.jwt.receivers")
