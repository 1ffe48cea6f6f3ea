"""Celery's way to Redis, mended where kombu's loses a message or ends its worker.

kombu takes a message with ``BRPOP`` and then notes it as unacknowledged: who is killed in between
loses it (https://github.com/celery/kombu/blob/v5.7.0/kombu/transport/redis.py, ``_brpop_read`` and
``QoS.append``). Here one script does both on the server. As a script cannot wait for a message, a
worker that has found none waits for a bell, which is rung by whoever sends one. A bell may be lost with
who took it, and others who send do not ring: so a worker looks again after ``brpop_timeout``, a second.

Everything else is as kombu has it, keys and contents too: its own workers can take part.
"""

from collections.abc import Callable, Sequence
from queue import Empty
from time import monotonic, time
from typing import Any

from kombu.transport import redis
from kombu.transport.virtual import Message
from kombu.utils.encoding import bytes_to_str
from kombu.utils.json import dumps, loads

# Of a bell. It is for those who wait now: whoever does not, looks before he does.
BELL_MILLISECONDS = 10_000

# Puts a message into the list KEYS[1], and rings KEYS[2]. A bell is a set, so it is rung or it is not.
SEND = """
redis.call('LPUSH', KEYS[1], ARGV[1])
redis.call('ZADD', KEYS[2], 0, '')
redis.call('PEXPIRE', KEYS[2], ARGV[2])
"""

# Takes the oldest message of the first list that has one, and notes it as kombu's QoS.append does, for
# the queue that it came from. Rings for others where more is left. Returns the queue's number, and the message.
# KEYS: the hash of unacknowledged messages, their index, a bell for each queue, and a list for each
# queue, once for each priority. ARGV: the delivery tag, the time, the life of a bell, and for each queue
# its name as JSON, or nothing if its messages are not noted.
# RPOP comes first: what a script has begun it may end when Redis is out of memory, too.
TAKE = """
local queues = #ARGV - 3
local message, from
for list = queues + 3, #KEYS do
    local queue = (list - 3) % queues + 1
    if not message then
        message, from = redis.call('RPOP', KEYS[list]), queue
    end
    local bell = KEYS[queue + 2]
    if message and redis.call('EXISTS', KEYS[list]) == 1 and redis.call('EXISTS', bell) == 0 then
        redis.call('ZADD', bell, 0, '')
        redis.call('PEXPIRE', bell, ARGV[3])
    end
end
if not message then
    return false
end
local name = ARGV[from + 3]
if name ~= '' then
    redis.call('HSET', KEYS[1], ARGV[1], '[' .. message .. ',"",' .. name .. ']')
    redis.call('ZADD', KEYS[2], ARGV[2], ARGV[1])
end
return {from, message}
"""


class Taken(dict[str, Any]):
    """A message that the server has noted already."""


class Foreign(Taken):
    """A message made of what is none."""


class QoS(redis.QoS):
    """kombu's list of messages that are not acknowledged."""

    channel: Any

    def append(self, message: Any, delivery_tag: str) -> None:
        if isinstance(message._raw, Taken):  # noqa: SLF001 (so kombu's QoS does)
            super(redis.QoS, self).append(message, delivery_tag)
        else:  # It came to all who listen.
            super().append(message, delivery_tag)

    def restore_by_tag(self, tag: str, client: Any = None, leftmost: bool = False) -> None:  # noqa: FBT001, FBT002 (as kombu calls it)
        """Put a message back. kombu could not do so with what is none."""
        with self.channel.conn_or_acquire(client) as server:
            noted = server.hget(self.unacked_key, tag) or b""
            # kombu itself has a space behind each comma.
            item, ours, name = noted[1:-1].rpartition(b',"",')
            if ours:
                queue = loads(bytes_to_str(name))
                payload = self.channel.payload(item, bytes_to_str(tag), queue)
                if isinstance(payload, Foreign):
                    server.hset(self.unacked_key, tag, dumps([payload, "", queue]))
            super().restore_by_tag(tag, server, leftmost)


class Channel(redis.Channel):
    """A channel that takes messages in one step, and says so when its connection is closed already.

    When Redis goes away, a worker closes the connection it has lost. kombu then gives unacknowledged
    messages back over it, and where it is gone by that time ends with an AttributeError, which ends
    the worker. As an error of the connection it is passed over: the messages come back after the
    visibility timeout.
    """

    QoS = QoS

    # What the stubs leave out.
    connection_errors: tuple[type[Exception], ...]
    _expires: dict[str, int]
    _flush_brpop_reauth: Callable[[], None]
    _in_poll: Any
    _maybe_update_queues_expire: Callable[[Any, str], None]
    _next_delivery_tag: Callable[[], str]
    _q_for_pri: Callable[[str, int], str]
    _queue_cycle: Any

    # Queues whose consumers acknowledge nothing.
    _unnoted: frozenset[str] = frozenset()
    # What is asked of the server now: to take a message from these queues, or to wait for a bell.
    _asked: Sequence[str] = ()
    _tag = ""
    _is_waiting = False
    _found_nothing = False

    def basic_consume(self, queue: str, no_ack: bool, *args: Any, **kwargs: Any) -> Any:  # noqa: FBT001 (as kombu calls it)
        self._unnoted = self._unnoted | {queue} if no_ack else self._unnoted - {queue}
        return super().basic_consume(queue, no_ack, *args, **kwargs)

    def basic_get(self, queue: str, no_ack: bool = False, **_: Any) -> Message | None:  # noqa: FBT001, FBT002 (as kombu calls it)
        """Return the oldest message of ``queue``, if there is one."""
        tag = self._next_delivery_tag()
        with self.conn_or_acquire() as client:
            found = client.eval(*self._to_take([queue], tag, is_noted=not no_ack))
            self._maybe_update_queues_expire(client, queue)
        if not found:
            return None
        message = self.Message(self.payload(found[1], tag, queue), channel=self)
        if not no_ack:
            self.qos.append(message, tag)
        return message

    def payload(self, item: bytes, tag: str, queue: str) -> Taken:
        """Return a message, under the tag by which it was taken.

        What is none becomes the body of one that Celery cannot read, so that it goes the way of those.
        """
        try:
            payload = Taken(loads(bytes_to_str(item)))
            payload["properties"]["delivery_tag"] = tag
            # Where kombu writes when it puts a message back.
            payload["headers"].get("redelivered")
            payload["properties"]["delivery_info"].get("redelivered")
            self.Message(payload, channel=self)
        except Exception:  # noqa: BLE001 (anybody may have sent anything)
            return Foreign(
                {
                    "body": item.decode(errors="backslashreplace"),
                    "content-type": "text/plain",
                    "content-encoding": "utf-8",
                    "headers": {},
                    "properties": {
                        "delivery_tag": tag,
                        "delivery_info": {"exchange": "", "routing_key": queue},
                    },
                }
            )
        return payload

    def _put(self, queue: str, message: Any, **kwargs: Any) -> None:
        if kwargs.get("_publish_batch") or queue in self._expires:
            super()._put(queue, message, **kwargs)
            return
        keys = [self._list(queue, self._get_message_priority(message, reverse=False))]
        with self.conn_or_acquire() as client:
            client.eval(SEND, 2, *keys, self._bell(queue), dumps(message), BELL_MILLISECONDS)

    def _brpop_start(self, timeout: float | None = None) -> None:
        """Ask for a message, or where none was for a bell."""
        queues = self._queue_cycle.consume(len(self.active_queues))
        if not queues:
            return
        connection = self.client.connection
        self._in_poll = connection
        self._brpop_sent_at = monotonic()
        self._is_waiting = self._found_nothing
        if self._is_waiting:
            bells = [self._bell(queue) for queue in queues]
            connection.send_command("BZPOPMIN", *bells, timeout or self.brpop_timeout)
        else:
            self._asked, self._tag = queues, self._next_delivery_tag()
            connection.send_command("EVAL", *self._to_take(queues, self._tag))

    def _brpop_read(self, **options: Any) -> bool:
        """Deliver the message that has come.

        Raises:
            Empty: none has.
        """
        command = "BZPOPMIN" if self._is_waiting else "EVAL"
        try:
            try:
                found = self.client.parse_response(self.client.connection, command, **options)
            except self.connection_errors:
                # So that kombu connects anew.
                self.client.connection.disconnect()
                raise
            self._found_nothing = not (self._is_waiting or found)
            if self._is_waiting or not found:
                raise Empty
            number, item = found
            queue = self._asked[number - 1]
            self._queue_cycle.rotate(queue)
            self.connection._deliver(self.payload(item, self._tag, queue), queue)  # noqa: SLF001 (so kombu's channel does)
            return True
        finally:
            self._in_poll = None
            self._flush_brpop_reauth()

    def _to_take(
        self, queues: Sequence[str], tag: str, *, is_noted: bool = True
    ) -> list[str | int | float]:
        """Return the arguments of ``EVAL``."""
        names = [
            dumps(queue) if is_noted and self.ack_emulation and queue not in self._unnoted else ""
            for queue in queues
        ]
        keys = [
            self.global_keyprefix + self.unacked_key,
            self.global_keyprefix + self.unacked_index_key,
            *(self._bell(queue) for queue in queues),
            *(self._list(queue, priority) for priority in self.priority_steps for queue in queues),
        ]
        return [TAKE, len(keys), *keys, tag, time(), BELL_MILLISECONDS, *names]

    def _list(self, queue: str, priority: int) -> str:
        return self.global_keyprefix + self._q_for_pri(queue, priority)

    def _bell(self, queue: str) -> str:
        return f"{self.global_keyprefix}{queue}{self.sep}bell"

    def _connparams(self, *args: Any, **kwargs: Any) -> Any:
        if self.connection.client is None:
            raise ConnectionError("The connection to the broker is closed.")
        return super()._connparams(*args, **kwargs)  # type: ignore[misc]


class Transport(redis.Transport):
    """kombu's transport, with the channel above."""

    Channel = Channel
