"""Registers the app."""

from importlib import import_module

from django.apps import AppConfig


class OrdersConfig(AppConfig):
    name = "apps.orders"

    def ready(self) -> None:
        # Connects what follows when something happens here.
        import_module("apps.orders.receivers")
