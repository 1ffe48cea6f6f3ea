"""Schedulers send the periodic tasks, and a worker runs them."""

from datetime import timedelta

import pytest
from celery import Celery
from django.utils import timezone

from core.jobs.models import ScheduledTask
from tests.e2e.processes import OFTEN, OFTEN_SECONDS, Launcher, Process, wait_for

PERIODIC_TASK = "apps.users.tasks.users_purge_expired_credentials"
SENDING = "Sending due task"


def test_missed_task_is_sent_at_the_start_and_runs(
    broker: Celery, worker: Process, launcher: Launcher
) -> None:
    now = timezone.now()
    for name, entry in broker.conf.beat_schedule.items():
        missed = entry["task"] == PERIODIC_TASK
        last_run_at = now - timedelta(days=2) if missed else now
        ScheduledTask.objects.update_or_create(name=name, defaults={"last_run_at": last_run_at})

    launcher.beat()

    worker.wait_until_printed(f"Task {PERIODIC_TASK}[", times=2)
    assert "succeeded" in worker.output.rpartition(f"Task {PERIODIC_TASK}[")[2]


@pytest.mark.slow
def test_two_schedulers_send_each_task_once_and_one_goes_on_alone(
    broker: Celery, launcher: Launcher
) -> None:
    ScheduledTask.objects.filter(pk=OFTEN).delete()
    beats = [launcher.beat(app="tests.e2e.beating") for _ in range(2)]
    for beat in beats:
        beat.wait_until_printed("beat: Starting...")

    started = timezone.now()
    before = count(*beats)
    wait_for(lambda: count(*beats) >= before + 8, "eight tasks")
    seconds = (timezone.now() - started).total_seconds()

    # As many as one would send: two would send twice as many.
    assert count(*beats) - before <= seconds / OFTEN_SECONDS + 2
    busy, other = sorted(beats, key=count, reverse=True)
    busy.kill()
    sent = count(other)
    other.wait_until_printed(SENDING, times=sent + 3)


def count(*beats: Process) -> int:
    return sum(beat.output.count(SENDING) for beat in beats)
