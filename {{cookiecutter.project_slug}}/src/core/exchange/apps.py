"""Registers the room, and what every app exchanges."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class ExchangeConfig(AppConfig):
    name = "core.exchange"

    def ready(self) -> None:
        autodiscover_modules("exchange")
