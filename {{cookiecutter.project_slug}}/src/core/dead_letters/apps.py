"""Registers the room and its metrics, and has it told of tasks that fail."""

from django.apps import AppConfig

from core.telemetry.registry import register


class DeadLettersConfig(AppConfig):
    name = "core.dead_letters"
    verbose_name = "Dead letters"

    def ready(self) -> None:
        from core.dead_letters import capture, metrics  # noqa: PLC0415 (they need the models)

        capture.connect()
        register(metrics.dead_letters)
