"""Registers the room."""

from django.apps import AppConfig


class IdempotencyConfig(AppConfig):
    name = "core.idempotency"
