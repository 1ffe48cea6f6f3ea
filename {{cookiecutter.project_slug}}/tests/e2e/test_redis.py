"""What a worker makes of what is no message."""

import os

import pytest
import redis
from celery import Celery

from core.dead_letters.models import DeadLetter, Reason
from core.jobs.queues import Queue
from tests.e2e.processes import Process, wait_for


@pytest.mark.slow
def test_what_is_no_message_is_kept_as_a_dead_letter(worker: Process, broker: Celery) -> None:
    with redis.Redis.from_url(os.environ["CELERY_BROKER_URL"]) as server:
        server.lpush(Queue.DEFAULT, b"no message \xff")

    letter = wait_for(
        lambda: DeadLetter.objects.filter(body="no message \\xff").first(), "the letter"
    )

    assert (letter.reason, letter.queue) == (Reason.UNREADABLE, Queue.DEFAULT)
