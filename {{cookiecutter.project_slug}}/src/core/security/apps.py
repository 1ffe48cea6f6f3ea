"""Registers the room, which has checks of what is deployed, and reports errors."""

from importlib import import_module

from django.apps import AppConfig

from core.security import error_reports


class SecurityConfig(AppConfig):
    name = "core.security"

    def ready(self) -> None:
        # Lets `manage.py check --deploy` know them.
        import_module("core.security.checks")
        # Here, since every process passes it: of the web, of workers and of commands.
        error_reports.start()
