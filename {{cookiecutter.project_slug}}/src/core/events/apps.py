"""Registers the room with its metrics, and every app's subscriptions."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules

from core.telemetry.registry import register


class EventsConfig(AppConfig):
    name = "core.events"

    def ready(self) -> None:
        from core.events import metrics  # noqa: PLC0415 (it needs the models)

        register(metrics.unhandled_events)
        autodiscover_modules("events")
