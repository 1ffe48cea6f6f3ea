"""Registers the room, and has it told of tasks that fail."""

from django.apps import AppConfig


class DeadLettersConfig(AppConfig):
    name = "core.dead_letters"
    verbose_name = "Dead letters"

    def ready(self) -> None:
        from core.dead_letters import capture  # noqa: PLC0415 (it needs the models)

        capture.connect()
