"""The queues, by how long a task in them may wait."""

from enum import StrEnum

import kombu


class Queue(StrEnum):
    """Name one in ``@shared_task(queue=Queue.BULK)``."""

    CRITICAL = "critical"  # Somebody is waiting for it.
    DEFAULT = "default"
    BULK = "bulk"  # Long or many: must not hold up the others.


# % if cookiecutter.broker == "rabbitmq"
# From a topic exchange, the broker itself holds a task until its retry is due. From a direct one
# the workers would, each in place of a task that could run:
# https://docs.celeryq.dev/en/stable/getting-started/backends-and-brokers/rabbitmq.html
EXCHANGE = kombu.Exchange("tasks", type="topic")
# Replicated, and safe when a node dies: https://www.rabbitmq.com/docs/quorum-queues
ARGUMENTS = {"x-queue-type": "quorum"}


# % else
EXCHANGE = kombu.Exchange("tasks", type="direct")
ARGUMENTS: dict[str, str] = {}


# % endif
def task_queues() -> list[kombu.Queue]:
    """Return the queues as Celery declares them.

    https://docs.celeryq.dev/en/stable/userguide/routing.html
    """
    return [
        kombu.Queue(queue.value, EXCHANGE, routing_key=queue.value, queue_arguments=ARGUMENTS)
        for queue in Queue
    ]
