"""What RabbitMQ itself gives up comes into the same table."""

from typing import Any
from uuid import uuid4

import pytest
from celery import Celery
from django.core.management import call_command

from core.dead_letters.broker import drain
from core.dead_letters.models import DeadLetter, Reason
from core.jobs.queues import Queue, dead_letter_queue
from tests.e2e import tasks
from tests.e2e.processes import Process, wait_for

pytestmark = pytest.mark.slow


@pytest.fixture
def broker_alone(broker: Celery) -> Celery:
    """Return Celery's app, and see that no worker takes what it sends."""
    for process in list(Process.running):
        if process.name == "worker":
            process.stop()
    with broker.connection_for_write() as connection:
        dead_letter_queue()(connection.default_channel).purge()
    return broker


def test_message_that_the_broker_gave_up_is_drained_into_one_row(broker_alone: Celery) -> None:
    journal = str(uuid4())
    result = tasks.tell.apply_async((journal,), queue=Queue.BULK)
    with broker_alone.connection_for_write() as connection:
        channel = connection.default_channel
        bulk = broker_alone.amqp.queues[Queue.BULK](channel)
        wait_for(bulk.get, "the message").reject()
        dead = dead_letter_queue()(channel)
        given_up = wait_for(dead.get, "the dead message")
        # It comes once more, as it does when who drains is killed before it acknowledges.
        broker_alone.amqp.Producer(channel).publish(
            given_up.body,
            exchange="",
            routing_key=dead.name,
            content_type=given_up.content_type,
            content_encoding=given_up.content_encoding,
            headers=given_up.headers,
        )
        given_up.requeue()

    call_command("dead_letters", "drain")

    letter = DeadLetter.objects.get(task_id=result.id)
    assert (letter.task, letter.queue) == ("tests.e2e.tasks.tell", Queue.BULK)
    assert (letter.reason, letter.error) == (Reason.REJECTED, "")
    assert letter.args == f'["{journal}"]'
    with broker_alone.connection_for_write() as connection:
        assert dead_letter_queue()(connection.default_channel).get() is None


def fail(_: Any) -> None:
    raise ValueError


def test_letter_that_cannot_be_kept_is_published_anew_as_it_was(broker_alone: Celery) -> None:
    with broker_alone.connection_for_write() as connection:
        channel = connection.default_channel
        tasks.tell.apply_async((str(uuid4()),), queue=Queue.BULK)
        wait_for(broker_alone.amqp.queues[Queue.BULK](channel).get, "the message").reject()
        dead = dead_letter_queue()(channel)
        before = wait_for(dead.get, "the dead message")
        before.requeue()

        drains = [drain(fail) for _ in range(25)]

        after = wait_for(dead.get, "the dead message")
        assert drains == [0] * 25
        assert (after.body, after.headers) == (before.body, before.headers)
        assert after.headers["x-death"][0]["queue"] == Queue.BULK
        assert after.properties == before.properties | {"delivery_mode": 2}
        # So RabbitMQ, which drops what was returned too often, has counted none of it.
        assert after.headers.get("x-delivery-count", 0) == 0
        assert not after.delivery_info["redelivered"]
        assert dead.get() is None
        after.ack()


def test_letter_of_another_user_of_the_broker_is_published_anew(broker_alone: Celery) -> None:
    with broker_alone.connection_for_write() as connection:
        dead = dead_letter_queue()(connection.default_channel)
        dead.declare()
        broker_alone.amqp.Producer(dead.channel).publish(
            {},
            exchange="",
            routing_key=dead.name,
            delivery_mode="transient",
            user_id=connection.userid,
            correlation_id="theirs",
        )

        drain(fail)

        # Anybody else than this user may publish what names nobody.
        message = wait_for(dead.get, "the dead message")
        assert "user_id" not in message.properties
        assert message.properties["correlation_id"] == "theirs"
        assert message.properties["delivery_mode"] == 2
        message.ack()
