"""Handlers that end or hold up who runs them, for ``celery worker --include tests.e2e.events``."""

import os
import signal
from contextlib import suppress

from celery.exceptions import SoftTimeLimitExceeded

from core.events.event import Event
from core.events.subscriptions import subscribe


class ProcessEnded(Event, name="e2e.process_ended"):
    """Ends each process that handles it."""


class ProcessHung(Event, name="e2e.process_hung"):
    """Holds up each process that handles it."""


@subscribe(ProcessEnded)
def end_process(event: ProcessEnded) -> None:
    os._exit(1)


@subscribe(ProcessHung)
def hang(event: ProcessHung) -> None:
    """Hang for ever, whatever it is told, within the transaction of the entry."""
    while True:
        with suppress(SoftTimeLimitExceeded):
            signal.pause()
