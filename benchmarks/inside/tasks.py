"""Tasks that do nothing, of the service's base and of Celery's own; and what marks their time.

A worker with one process takes them in the order in which they were sent.
"""

import time

import redis
from celery import Task, shared_task
from core.jobs.queues import Queue
from core.jobs.tasks import BaseTask
from django.conf import settings

WAIT_SECONDS = 3_000


def channel() -> "redis.Redis":
    # The client's own limit is shorter than what it waits for here.
    return redis.Redis.from_url(settings.CACHE_URL, socket_timeout=2 * WAIT_SECONDS)


def pass_through() -> None:
    """Wait until a worker has begun all messages that are queued now.

    Raises:
        TypeError: if it does not within ``WAIT_SECONDS``.
    """
    with channel() as redis_server:
        end.delay()
        float(redis_server.blpop(["times"], WAIT_SECONDS)[1])


@shared_task(base=BaseTask, queue=Queue.DEFAULT)
def ours(number: int) -> None:
    """Do nothing."""


@shared_task(base=Task, queue=Queue.DEFAULT)
def plain(number: int) -> None:
    """Do nothing."""


@shared_task(base=Task, queue=Queue.DEFAULT)
def begin() -> None:
    """Hold the worker until all tasks are sent, and note the time."""
    with channel() as redis_server:
        redis_server.blpop(["go"], WAIT_SECONDS)
        redis_server.rpush("times", time.monotonic())


@shared_task(base=Task, queue=Queue.DEFAULT)
def end() -> None:
    """Note the time."""
    with channel() as redis_server:
        redis_server.rpush("times", time.monotonic())
