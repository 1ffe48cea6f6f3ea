"""Registers the room, and every app's subscriptions."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class EventsConfig(AppConfig):
    name = "core.events"

    def ready(self) -> None:
        autodiscover_modules("events")
