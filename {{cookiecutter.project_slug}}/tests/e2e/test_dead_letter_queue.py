"""RabbitMQ keeps what no worker can do, and does not deliver it for ever."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import kombu
import pytest
from celery import Celery

from core.jobs.queues import ARGUMENTS, DELIVERY_LIMIT, EXCHANGE, TaskQueue, dead_letter_queue
from tests.e2e.processes import wait_for

pytestmark = pytest.mark.slow


@pytest.fixture
def queue(broker: Celery) -> Iterator[Any]:
    """Return a queue that is like those of tasks, and that no worker consumes."""
    name = f"e2e-{uuid4()}"
    with broker.connection_for_write() as connection:
        queue = TaskQueue(name, EXCHANGE, routing_key=name, queue_arguments=ARGUMENTS)
        bound = queue(connection.default_channel)
        bound.declare()
        dead_letter_queue()(connection.default_channel).purge()
        yield bound
        bound.delete()


def publish(queue: Any) -> None:
    producer = kombu.Producer(queue.channel, exchange=EXCHANGE)
    producer.publish({}, routing_key=queue.name, delivery_mode="persistent")


def next_in(queue: Any) -> Any:
    return wait_for(queue.get, f"a message in {queue.name}")


def death_of(queue: Any) -> tuple[str, int]:
    """Take the dead letter of ``queue``, and return why it died and how many there are."""
    dead = dead_letter_queue()(queue.channel)
    message = next_in(dead)
    message.ack()
    [death] = message.headers["x-death"]
    assert death["queue"] == queue.name
    return death["reason"], death["count"]


def test_rejected_message_is_kept_in_the_dead_letter_queue(queue: Any) -> None:
    publish(queue)

    next_in(queue).reject()

    assert death_of(queue) == ("rejected", 1)


def test_message_that_comes_back_too_often_is_kept_in_the_dead_letter_queue(queue: Any) -> None:
    publish(queue)

    for _ in range(1 + DELIVERY_LIMIT):
        next_in(queue).requeue()

    assert death_of(queue) == ("delivery_limit", 1)
    assert queue.get() is None
