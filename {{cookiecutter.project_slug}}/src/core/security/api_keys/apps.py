"""Registers the room."""

from django.apps import AppConfig


class ApiKeysConfig(AppConfig):
    name = "core.security.api_keys"
    verbose_name = "API keys"
