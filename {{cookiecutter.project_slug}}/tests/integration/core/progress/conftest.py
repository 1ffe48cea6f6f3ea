"""The task of ``urls.py``, anew for each test."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache

from core.identity.actor import acting_as
from core.progress.models import TaskRun
from tests.factories.users import UserFactory
from tests.integration.core.progress.urls import Seen, count

# A cache that is away.
AWAY = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": "redis://127.0.0.1:1/0",
    }
}


@pytest.fixture(autouse=True)
def seen() -> Iterator[type[Seen]]:
    """Return what the task sees; nothing of other tests."""
    cache.clear()
    Seen.runs.clear()
    Seen.failures.clear()
    return Seen


@pytest.fixture
def user():
    return UserFactory()


@pytest.fixture
def send(user, django_capture_on_commit_callbacks):
    """Return a function that sends the task for ``user``, and returns its row as it is after that."""

    def send(*args: int) -> TaskRun:
        with django_capture_on_commit_callbacks(execute=True), acting_as(user.pk):
            run = count.delay_on_commit(*args)
        run.refresh_from_db()
        return run

    return send


def run_again(run: TaskRun) -> TaskRun:
    """Run the task of ``run`` as a message does that comes another time; return the row as it is then."""
    count.apply(task_id=str(run.pk))
    run.refresh_from_db()
    return run
