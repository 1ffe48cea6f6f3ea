"""Registers the room and its metrics."""

from django.apps import AppConfig

from core.telemetry.registry import register


class ApiKeysConfig(AppConfig):
    name = "core.security.api_keys"
    verbose_name = "API keys"

    def ready(self) -> None:
        from core.security.api_keys import metrics  # noqa: PLC0415 (it needs the models)

        register(metrics.api_keys)
