"""Reports errors that nobody handles to Sentry, or to whatever else takes its events.

Without ``SENTRY_DSN`` to nobody: then nothing of Sentry is imported. What is reported holds no secrets:
it goes through the same redaction as the logs, and neither bodies nor local variables are in it.

https://docs.sentry.io/platforms/python/configuration/options/
"""

from typing import TYPE_CHECKING

from celery import current_task
from django.conf import settings

from core.identity.origin import NOTHING_ASKED, Origin, current_origin
from core.jobs.tasks import BaseTask
from core.security.redaction import redacted_data

if TYPE_CHECKING:
    from sentry_sdk.types import Event, Hint


def start() -> None:
    """Report what this process and those that it forks do not handle.

    Views by what they raise, tasks when they are not tried again, commands when they end by an error.
    """
    if not settings.SENTRY_DSN:
        return
    import sentry_sdk  # noqa: PLC0415 (only where somebody wants it)
    from sentry_sdk.integrations import (  # noqa: PLC0415 (the same)
        atexit,
        celery,
        dedupe,
        django,
        excepthook,
        logging,
    )

    sentry_sdk.init(
        dsn=settings.SENTRY_DSN,
        release=settings.RELEASE,
        environment=settings.SENTRY_ENVIRONMENT,
        # With 0 it would still be asked for each request.
        traces_sample_rate=settings.SENTRY_TRACES_SAMPLE_RATE or None,
        before_send=without_secrets,
        before_send_transaction=without_secrets,
        send_default_pii=False,
        max_request_body_size="never",
        include_local_variables=False,
        # Neither counts of sessions nor of what was lost: errors only.
        auto_session_tracking=False,
        send_client_reports=False,
        # Named one by one: others patch what is installed, and report arguments of the command line.
        default_integrations=False,
        auto_enabling_integrations=False,
        integrations=[
            django.DjangoIntegration(signals_spans=False),
            # Messages keep the headers that core.identity gives them.
            celery.CeleryIntegration(propagate_traces=False),
            excepthook.ExcepthookIntegration(),
            # What is logged before an error goes with it; a line alone is no error that nobody handles.
            logging.LoggingIntegration(event_level=None),
            # An error that passes several of them is one.
            dedupe.DedupeIntegration(),
            atexit.AtexitIntegration(callback=lambda _pending, _timeout: None),
        ],
    )


def without_secrets(event: "Event", _hint: "Hint") -> "Event":
    """Return ``event`` with the id of the request that caused it, and with masks for secrets."""
    if request_id := _origin().request_id:
        event.setdefault("tags", {})["request_id"] = request_id
    reported: Event = redacted_data(event)
    return reported


def _origin() -> Origin:
    """Return where the code was asked for; of a task, also once it has failed."""
    origin = current_origin()
    if origin is NOTHING_ASKED and isinstance(current_task, BaseTask):
        return current_task.origin
    return origin
