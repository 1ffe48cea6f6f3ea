"""A worker's way to take messages that keeps those for which it has no task.

https://docs.celeryq.dev/en/stable/userguide/configuration.html#worker-consumer
"""

from typing import Any

from celery.worker import consumer
from kombu import Message

from core.dead_letters import capture, letters
from core.dead_letters.models import Reason


class Consumer(consumer.Consumer):
    """Hands each such message over first. One that was not handed over is not acknowledged."""

    def on_unknown_message(self, body: Any, message: Message) -> None:
        if _is_handed_over(message, Reason.UNREADABLE):
            super().on_unknown_message(body, message)

    def on_unknown_task(self, body: Any, message: Message, exc: Exception) -> None:
        if _is_handed_over(message, Reason.UNKNOWN, exc):
            super().on_unknown_task(body, message, exc)

    def on_invalid_task(self, body: Any, message: Message, exc: Exception) -> None:
        if _is_handed_over(message, Reason.UNREADABLE, exc):
            super().on_invalid_task(body, message, exc)

    def on_decode_error(self, message: Message, exc: Exception) -> None:
        if _is_handed_over(message, Reason.UNREADABLE, exc):
            super().on_decode_error(message, exc)


def _is_handed_over(message: Message, reason: str, error: Exception | None = None) -> bool:
    return capture.hand_over(letters.of_message(message, reason=reason, error=error))
