"""Registers the room, which has checks of what is deployed."""

from importlib import import_module

from django.apps import AppConfig


class SecurityConfig(AppConfig):
    name = "core.security"

    def ready(self) -> None:
        # Lets `manage.py check --deploy` know them.
        import_module("core.security.checks")
