"""The scheduler sends the periodic tasks, and a worker runs them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from celery import Celery
from celery.beat import PersistentScheduler

from tests.e2e.processes import Launcher, Process

PERIODIC_TASK = "apps.users.tasks.users_purge_expired_credentials"


def test_missed_task_is_sent_at_the_start_and_runs(
    broker: Celery, worker: Process, launcher: Launcher, tmp_path: Path
) -> None:
    schedule = tmp_path / "schedule"
    write_schedule(broker, schedule, last_run=datetime.now(UTC) - timedelta(days=2))

    launcher.beat(schedule)

    worker.wait_until_printed(f"Task {PERIODIC_TASK}[", times=2)
    assert "succeeded" in worker.output.rpartition(f"Task {PERIODIC_TASK}[")[2]


def write_schedule(app: Celery, path: Path, *, last_run: datetime) -> None:
    """Write what a scheduler that ended after ``last_run`` has left behind."""
    scheduler = PersistentScheduler(app, schedule_filename=str(path), lazy=True)
    scheduler.setup_schedule()
    for entry in scheduler.schedule.values():
        entry.last_run_at = last_run
    scheduler.close()
