"""What every test of this room starts from."""

from collections.abc import Iterator

import pytest

from config.celery import app


@pytest.fixture(autouse=True)
def _failures_stay_in_the_task() -> Iterator[None]:
    before = app.conf.task_eager_propagates
    app.conf.task_eager_propagates = False
    yield
    app.conf.task_eager_propagates = before
