"""Messages that Redis holds for those who may be killed; where CELERY_BROKER_URL names one."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from typing import Any
from uuid import uuid4

import kombu
import pytest
import redis
from kombu.transport.redis import Transport as KombuTransport

from core.jobs.redis import Channel, Transport
from tests.e2e.processes import SOURCE_DIR, wait_for

URL = os.environ.get("CELERY_BROKER_URL", "")
SECONDS = 30.0
# Ends whoever reads the answer of the server in which a message stands, before it does anything else.
CONSUMER_THAT_IS_KILLED = """
import os, signal, sys
import kombu
from kombu.utils.imports import symbol_by_name
from redis.connection import AbstractConnection

url, transport, queue, unacked = sys.argv[1:]
read = AbstractConnection.read_response

def read_and_end(self, *args, **options):
    answer = read(self, *args, **options)
    if "a message" in repr(answer):
        os.kill(os.getpid(), signal.SIGKILL)
    return answer

AbstractConnection.read_response = read_and_end
options = {"unacked_key": unacked, "unacked_index_key": f"{unacked}_index"}
with kombu.Connection(url, transport=symbol_by_name(transport), transport_options=options) as connection:
    with connection.Consumer(kombu.Queue(queue), callbacks=[print]):
        connection.drain_events(timeout=30)
"""
NO_MESSAGES = [
    b"no JSON",
    b"\xff\xfe",
    b"42",
    b"[]",
    b'{"body": "", "headers": {}}',
    b'{"body": "", "headers": null, "properties": {"delivery_info": {}}}',
    b'{"body": 1, "headers": {}, "properties": {"delivery_info": {}, "body_encoding": "base64"}}',
    b'{"body": "?", "headers": {}, "properties": {"delivery_info": {}, "body_encoding": "none"}}',
]


class Broker:
    """Names of one test in the broker's Redis, and who sends and takes messages there."""

    def __init__(self, ends: ExitStack) -> None:
        self.ends = ends
        self.queues = [f"{name}-{uuid4()}" for name in ("first", "second")]
        self.unacked = f"unacked-{uuid4()}"
        self.server = ends.enter_context(redis.Redis.from_url(URL))

    @property
    def queue(self) -> str:
        return self.queues[0]

    @property
    def bell(self) -> str:
        return f"{self.queue}{Channel.sep}bell"

    def connection(self, transport: type = Transport, **options: Any) -> kombu.Connection:
        options = {
            "unacked_key": self.unacked,
            "unacked_index_key": f"{self.unacked}_index",
            "unacked_mutex_key": f"{self.unacked}_mutex",
            "visibility_timeout": 0,
            **options,
        }
        return self.ends.enter_context(
            kombu.Connection(URL, transport=transport, transport_options=options)
        )

    def send(self, *bodies: str, transport: type = Transport, **options: Any) -> None:
        with self.connection(transport) as connection:
            producer = connection.Producer()
            for body in bodies:
                producer.publish(body, routing_key=self.queue, **options)

    def get(self, *, no_ack: bool = False) -> kombu.Message | None:
        """Take a message without waiting for one."""
        message: kombu.Message | None = self.channel().basic_get(self.queue, no_ack=no_ack)
        return message

    def channel(self) -> Any:
        return self.connection().default_channel

    def restore(self) -> None:
        """Give back what nobody acknowledged, as workers do when the visibility timeout is over."""
        self.channel().qos.restore_visible()

    def noted(self) -> int:
        """Return how many messages are unacknowledged."""
        count = self.server.hlen(self.unacked)
        assert count == self.server.zcard(f"{self.unacked}_index")
        return int(count)


class Worker:
    """Takes messages as a worker does, waiting for them; only a bell ends that within the test."""

    def __init__(self, broker: Broker, *, wait: float = 2 * SECONDS, **options: Any) -> None:
        self.got: list[kombu.Message] = []
        self.connection = broker.connection(visibility_timeout=3600)
        self.connection.default_channel.brpop_timeout = wait
        # Who is in the midst of waiting does not end before that.
        broker.ends.callback(self.disconnect)
        broker.ends.enter_context(
            self.connection.Consumer(
                [kombu.Queue(name) for name in broker.queues],
                on_message=self.got.append,
                auto_declare=False,
                **options,
            )
        )

    def disconnect(self) -> None:
        self.connection.default_channel.client.connection.disconnect()

    def begins_to_wait(self) -> None:
        with pytest.raises(TimeoutError):
            self.connection.drain_events(timeout=0.05)

    def takes(self, count: int = 1) -> list[Any]:
        """Return the bodies of the next messages."""
        before = len(self.got)
        while len(self.got) < before + count:
            self.connection.drain_events(timeout=SECONDS / 2)
        return [message.payload for message in self.got[before:]]


@pytest.fixture
def broker() -> Iterator[Broker]:
    if not URL:
        pytest.skip("CELERY_BROKER_URL names no broker")
    with ExitStack() as ends:
        broker = Broker(ends)
        yield broker
        for pattern in (*broker.queues, broker.unacked):
            for key in broker.server.scan_iter(f"*{pattern}*"):
                broker.server.delete(key)


def kill_who_takes(broker: Broker, transport: type) -> None:
    """Let a process take a message, and be killed before it does anything with it."""
    arguments = [URL, f"{transport.__module__}:Transport", broker.queue, broker.unacked]
    done = subprocess.run(
        [sys.executable, "-c", CONSUMER_THAT_IS_KILLED, *arguments],
        env={**os.environ, "PYTHONPATH": str(SOURCE_DIR)},
        capture_output=True,
        text=True,
        timeout=2 * SECONDS,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr


def test_message_comes_again_whose_worker_is_killed_as_it_takes_it(broker: Broker) -> None:
    broker.send(
        "a message", serializer="raw", content_type="text/plain", headers={"is": "a message"}
    )
    kill_who_takes(broker, Transport)
    assert broker.get() is None

    broker.restore()

    message = broker.get()
    assert message.body == b"a message"
    assert message.headers["redelivered"]
    message.ack()
    assert broker.noted() == 0


def test_kombu_itself_loses_that_message(broker: Broker) -> None:
    """When this fails, kombu has learned it: most of core.jobs.redis can go."""
    broker.send("a message", headers={"is": "a message"})
    kill_who_takes(broker, KombuTransport)

    broker.restore()

    assert broker.get() is None


def test_worker_that_waits_is_woken(broker: Broker) -> None:
    worker = Worker(broker)
    worker.begins_to_wait()

    broker.send("sent")

    assert worker.takes() == ["sent"]
    assert broker.noted() == 1


def test_worker_finds_what_nobody_rang_for(broker: Broker) -> None:
    worker = Worker(broker, wait=0.1)
    worker.begins_to_wait()

    broker.send("sent by kombu", transport=KombuTransport)

    assert worker.takes() == ["sent by kombu"]


def test_worker_rings_for_others_when_more_is_there(broker: Broker) -> None:
    workers = [Worker(broker, prefetch_count=1) for _ in range(2)]
    for worker in workers:
        worker.begins_to_wait()
    broker.send("first", "second", transport=KombuTransport)
    broker.server.zadd(broker.bell, {"": 0})

    def have_got() -> bool:
        for worker in workers:
            with suppress(TimeoutError):
                worker.connection.drain_events(timeout=0.05)
        return all(worker.got for worker in workers)

    wait_for(have_got, "a message for each")
    assert {worker.got[0].payload for worker in workers} == {"first", "second"}


def test_bell_is_not_kept(broker: Broker) -> None:
    broker.send("sent")

    assert 0 < broker.server.pttl(broker.bell) <= 10_000


def test_worker_takes_no_more_than_it_may(broker: Broker) -> None:
    broker.send("first", "second")
    worker = Worker(broker, prefetch_count=1)
    worker.takes()

    worker.begins_to_wait()
    assert broker.noted() == 1

    worker.got[0].ack()
    assert worker.takes() == ["second"]


def test_queues_take_turns(broker: Broker) -> None:
    for queue in broker.queues:
        with broker.connection() as connection:
            for number in (1, 2):
                connection.Producer().publish(f"{queue} {number}", routing_key=queue)

    first, second = broker.queues
    assert Worker(broker).takes(4) == [f"{first} 1", f"{second} 1", f"{first} 2", f"{second} 2"]


def test_urgent_messages_come_first_and_others_in_their_order(broker: Broker) -> None:
    broker.send("late", priority=9)
    broker.send("first", "second", "third", priority=0)

    assert Worker(broker).takes(4) == ["first", "second", "third", "late"]


def test_messages_come_again_in_their_order(broker: Broker) -> None:
    broker.send("first", "second", "third")
    Worker(broker).takes(3)

    broker.restore()

    assert broker.noted() == 0
    assert Worker(broker).takes(3) == ["first", "second", "third"]


def test_message_that_a_worker_requeues_comes_again(broker: Broker) -> None:
    worker = Worker(broker)
    broker.send("sent")
    worker.takes()

    worker.got[0].requeue()

    worker.connection.default_channel.brpop_timeout = 0.1
    assert worker.takes() == ["sent"]
    assert worker.got[1].headers["redelivered"]


@pytest.mark.parametrize("item", NO_MESSAGES)
def test_what_is_no_message_holds_up_nobody_and_can_be_acknowledged(
    broker: Broker, item: bytes
) -> None:
    broker.server.lpush(broker.queue, item)
    broker.send("a message")
    worker = Worker(broker)

    worker.connection.drain_events(timeout=SECONDS)
    worker.connection.drain_events(timeout=SECONDS)

    foreign, message = worker.got
    assert foreign.body.decode() == item.decode(errors="backslashreplace")
    assert foreign.delivery_info["routing_key"] == broker.queue
    assert message.payload == "a message"
    foreign.ack()
    message.ack()
    assert broker.noted() == 0


@pytest.mark.parametrize("item", NO_MESSAGES)
def test_what_is_no_message_comes_again(broker: Broker, item: bytes) -> None:
    broker.server.lpush(broker.queue, item)
    broker.get()

    broker.restore()

    assert broker.get().body.decode() == item.decode(errors="backslashreplace")


def test_consumers_that_acknowledge_nothing_leave_nothing(broker: Broker) -> None:
    broker.send("first", "second", "third")

    assert broker.get(no_ack=True).payload == "first"
    assert Worker(broker, no_ack=True).takes(2) == ["second", "third"]

    assert broker.noted() == 0


def test_message_to_all_is_noted_as_kombu_does(broker: Broker) -> None:
    connection = broker.connection()
    exchange = kombu.Exchange(broker.queue, type="fanout")
    got: list[kombu.Message] = []
    with connection.Consumer(kombu.Queue(broker.queue, exchange), on_message=got.append):
        connection.drain_events(timeout=SECONDS)  # The answer to SUBSCRIBE.
        broker.connection().Producer().publish("to all", exchange=exchange, declare=[exchange])

        connection.drain_events(timeout=SECONDS)

        assert broker.noted() == 1
        got[0].ack()
        assert broker.noted() == 0


def test_queue_that_expires_holds_messages(broker: Broker) -> None:
    connection = broker.connection()
    queue = kombu.Queue(broker.queue, expires=60)(connection.default_channel)
    queue.declare()
    connection.Producer().publish("sent", routing_key=broker.queue)

    assert queue.get().payload == "sent"


def test_keys_have_the_prefix(broker: Broker) -> None:
    prefix = f"{uuid4()}-{broker.queue}-"
    connection = broker.connection(global_keyprefix=prefix)
    connection.Producer().publish("sent", routing_key=broker.queue)

    message = connection.default_channel.basic_get(broker.queue)

    assert message.payload == "sent"
    assert broker.server.hlen(f"{prefix}{broker.unacked}") == 1
    message.ack()
    assert broker.server.hlen(f"{prefix}{broker.unacked}") == 0
