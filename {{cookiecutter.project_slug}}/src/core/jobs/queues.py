"""The queues, by how long a task in them may wait."""

from enum import StrEnum
from typing import Any

import kombu


class Queue(StrEnum):
    """Name one in ``@shared_task(queue=Queue.BULK)``."""

    CRITICAL = "critical"  # Somebody is waiting for it.
    DEFAULT = "default"
    BULK = "bulk"  # Long or many: must not hold up the others.


# How often a message may come back from workers that died of it or were killed with it. Not 1 or
# 2: whoever restarts many workers in a row must not condemn the tasks that ran in them.
DELIVERY_LIMIT = 10
# Where messages wait that nobody will do; RabbitMQ itself puts there what was rejected, or delivered
# too often. No worker consumes it: core.dead_letters takes the messages out.
DEAD_LETTER_QUEUE = "dead"

# % if cookiecutter.broker == "rabbitmq"
# From a topic exchange, the broker itself holds a task until its retry is due. From a direct one
# the workers would, each in place of a task that could run:
# https://docs.celeryq.dev/en/stable/getting-started/backends-and-brokers/rabbitmq.html
EXCHANGE = kombu.Exchange("tasks", type="topic")
# Replicated, and safe when a node dies: https://www.rabbitmq.com/docs/quorum-queues
# RabbitMQ refuses to declare a queue that it has with other arguments: `TASKS.md` says how to move.
ARGUMENTS: dict[str, Any] = {
    "x-queue-type": "quorum",
    # https://www.rabbitmq.com/docs/quorum-queues#poison-message-handling
    "x-delivery-limit": DELIVERY_LIMIT,
    # The default exchange, which leads to the queue of this name: https://www.rabbitmq.com/docs/dlx
    "x-dead-letter-exchange": "",
    "x-dead-letter-routing-key": DEAD_LETTER_QUEUE,
    # The message leaves its queue when the other one has it, not before; which needs the overflow:
    # https://www.rabbitmq.com/docs/quorum-queues#activating-at-least-once-dead-lettering
    "x-dead-letter-strategy": "at-least-once",
    "x-overflow": "reject-publish",
}


class TaskQueue(kombu.Queue):
    """A queue that is declared with the one that takes its dead letters."""

    def declare(self, nowait: bool = False, channel: Any = None) -> str | None:  # noqa: FBT001, FBT002
        dead_letter_queue().declare(channel=channel or self.channel)
        return super().declare(nowait=nowait, channel=channel)


# % else
EXCHANGE = kombu.Exchange("tasks", type="direct")
ARGUMENTS: dict[str, Any] = {}


# % endif
def dead_letter_queue() -> kombu.Queue:
    # % if cookiecutter.broker == "rabbitmq"
    """Return the queue of dead letters, on the broker's default exchange.

    From RabbitMQ 4.0 on it drops what is returned more than 20 times, the limit where none is named. A
    queue that is there takes no other arguments, so ``put_back`` returns nothing.

    https://www.rabbitmq.com/docs/quorum-queues#poison-message-handling
    """
    # % else
    """Return the queue of dead letters, on the broker's default exchange."""
    # % endif
    return kombu.Queue(
        DEAD_LETTER_QUEUE,
        kombu.Exchange(""),
        routing_key=DEAD_LETTER_QUEUE,
        queue_arguments={"x-queue-type": "quorum"},
    )


def task_queues() -> list[kombu.Queue]:
    """Return the queues as Celery declares them.

    https://docs.celeryq.dev/en/stable/userguide/routing.html
    """
    # % if cookiecutter.broker == "rabbitmq"
    kind: type[kombu.Queue] = TaskQueue
    # % else
    kind = kombu.Queue
    # % endif
    return [
        kind(queue.value, EXCHANGE, routing_key=queue.value, queue_arguments=ARGUMENTS)
        for queue in Queue
    ]


def put_back(queue: Any, message: Any) -> None:
    """Put a message at the end of the queue that it was taken from, as its channel has returned it."""
    # % if cookiecutter.broker == "rabbitmq"
    # Published anew, which no limit counts, and acknowledged when the broker has confirmed that. Who is
    # killed in between leaves it twice.
    message.properties["delivery_mode"] = 2  # Persistent, whatever it was before.
    # Of somebody else's message: RabbitMQ takes it from no other user than this one.
    message.properties.pop("user_id", None)
    queue.channel.basic_publish(message, exchange="", routing_key=queue.name)
    queue.channel.basic_ack(message.delivery_tag)
    # % else
    queue.channel.basic_reject(message.delivery_tag, requeue=True)
    # % endif
