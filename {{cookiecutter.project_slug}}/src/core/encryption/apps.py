"""Registers the room, which has a command."""

from django.apps import AppConfig


class EncryptionConfig(AppConfig):
    name = "core.encryption"
