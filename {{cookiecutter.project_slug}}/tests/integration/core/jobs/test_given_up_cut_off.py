"""The database ends all connections before a task notes that it failed."""

from typing import Any

import pytest
from celery import Celery
from django.contrib.auth.models import Group
from django.db import OperationalError, connection

from core.jobs.tasks import BaseTask
from tests.cuts import cut_all_connections, leave_idle_connections

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has no server"),
]


class NotingTask(BaseTask):
    abstract = True

    def on_given_up(self, error: BaseException, *, task_id: str, args: Any) -> None:
        Group.objects.create(name=type(error).__name__)


def test_task_notes_it_over_a_new_connection() -> None:
    app = Celery("tests", set_as_current=False)

    @app.task(shared=False, base=NotingTask, max_retries=0)
    def cut_off() -> None:
        cut_all_connections()

    leave_idle_connections()

    state = cut_off.apply().state

    app.close()
    assert state == "FAILURE"
    assert Group.objects.filter(name=OperationalError.__name__).count() == 1
