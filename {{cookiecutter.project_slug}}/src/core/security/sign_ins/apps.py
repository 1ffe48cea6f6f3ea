"""Registers the room, and has each sign-in note where it came from."""

from importlib import import_module

from django.apps import AppConfig


class SignInsConfig(AppConfig):
    name = "core.security.sign_ins"
    verbose_name = "Sessions"

    def ready(self) -> None:
        import_module("core.security.sign_ins.receivers")
