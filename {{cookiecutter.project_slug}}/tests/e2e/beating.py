"""The service's Celery app with one periodic task that is due often, for ``celery --app``.

No test imports it, as it changes the schedule of the process that does.
"""

from config.celery import app
from tests.e2e.processes import OFTEN, OFTEN_SECONDS

# Expires at once, so that no worker of other tests runs it.
app.conf.beat_schedule = {
    OFTEN: {
        "task": "core.jobs.tasks.effects_purge",
        "schedule": OFTEN_SECONDS,
        "options": {"expires": 0.0},
    }
}
