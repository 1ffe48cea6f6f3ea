"""What is told of a message when its task has ended badly."""

import hashlib
import json
import traceback
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from celery import current_app
from django.utils import timezone
from kombu import Message
from kombu.utils.json import dumps

from core.database.texts import storable
from core.dead_letters.models import Reason

# Names the letter that a message is another try of.
FORMER_HEADER = "dead_letter_id"
NAME_LENGTH = 255
MESSAGE_LENGTH = 10_000
TRACE_LENGTH = 30_000
# More than anything is counted, and less than a column holds.
COUNT_LIMIT = 1_000_000_000
# What Celery and the brokers write into a message's headers by themselves.
PROTOCOL_HEADERS = frozenset(
    {
        *(
            "argsrepr",
            "compression",
            "eta",
            "expires",
            "group",
            "group_index",
            "id",
            "ignore_result",
        ),
        *("kwargsrepr", "lang", "origin", "parent_id", "replaced_task_nesting", "redelivered"),
        *("retries", "root_id", "shadow", "stamped_headers", "stamps", "task", "timelimit"),
        FORMER_HEADER,
    }
)


class PoisonedError(Exception):
    """A message came back too often from workers that ended while they were at it."""


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A message, and why its task will not be done. Times are ISO 8601; texts have no NUL.

    ``args``, ``kwargs`` and ``headers`` are JSON as Celery writes it; ``body`` is what could not be
    read. Whoever only knows that the broker gave up a message leaves ``error`` empty.
    """

    reason: str
    task: str = ""
    task_id: str = ""
    root_id: str = ""
    queue: str = ""
    args: str = "[]"
    kwargs: str = "{}"
    headers: str = "{}"
    body: str = ""
    error: str = ""
    message: str = ""
    trace: str = ""
    retries: int = 0
    deliveries: int = 1
    former_id: str = ""
    at: str = field(default_factory=lambda: timezone.now().isoformat())

    @property
    def key(self) -> str:
        """Name this death: of a task at this try to send it, or of a message without a task."""
        name = f"{self.task_id}:{self.former_id}" if self.task_id else self.body
        # Hashed when it is long: whoever sends a message can choose its id.
        return name if 0 < len(name) <= 100 else hashlib.sha256(name.encode()).hexdigest()

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def of_request(
    request: Any, *, task: str, queue: str, error: BaseException, trace: str = ""
) -> Letter:
    """Return the letter of a task that a worker ran.

    Args:
        request: the task's ``celery.app.task.Context``.
        task: its name.
        queue: the queue that it belongs to, if the request does not say where it came from.
        error: what ended it.
        trace: where that was raised; by default what the error itself knows of it.
    """
    came_by = _mapping(request.delivery_info)
    headers = _mapping(request.headers)
    arguments = _arguments(request.args, request.kwargs)
    return Letter(
        reason=_reason(error),
        task=_text(task, NAME_LENGTH),
        task_id=_text(request.id, NAME_LENGTH),
        root_id=_text(request.root_id, NAME_LENGTH),
        queue=_queue(came_by.get("routing_key")) or queue,
        headers=_own_headers(headers),
        retries=_count(request.retries),
        former_id=_former(headers),
        trace=_text(trace or _trace(error), TRACE_LENGTH, keep_end=True),
        **(_described(error) | arguments),
    )


def of_message(message: Message, *, reason: str = "", error: BaseException | None = None) -> Letter:
    """Return the letter of a message that no worker ran.

    Anybody may have sent it: what in its headers is not what it should be is passed over.

    Args:
        message: as it came from the broker.
        reason: by default what the broker says, or what can be seen of the message.
        error: what was wrong with it, if somebody knows.
    """
    headers = _mapping(message.headers)
    task, task_id = str(headers.get("task") or ""), str(headers.get("id") or "")
    contents: dict[str, Any] = {}
    try:
        args, kwargs, _ = message.decode()
        contents = _arguments(args, kwargs)
    except Exception as unreadable:  # noqa: BLE001 (decoders raise what they like)
        contents = {"body": _text(_raw(message), TRACE_LENGTH)}
        error = error or unreadable
        reason = reason or Reason.UNREADABLE
    else:
        if not (task and task_id):
            contents["body"] = _text(_raw(message), TRACE_LENGTH)
            reason = Reason.UNREADABLE
    died = _own_death(headers)
    return Letter(
        reason=reason or _reason_of_broker(died),
        task=_text(task, NAME_LENGTH),
        task_id=_text(task_id, NAME_LENGTH),
        root_id=_text(headers.get("root_id") or "", NAME_LENGTH),
        queue=died.get("queue") or _queue(_mapping(message.delivery_info).get("routing_key")),
        headers=_own_headers(headers),
        retries=_count(headers.get("retries")),
        deliveries=_count(headers.get("x-delivery-count")) + 1,
        former_id=_former(headers),
        **((_described(error) if error else {}) | contents),
    )


def _reason(error: BaseException) -> str:
    """Return why a task will not be done that this error ended."""
    by_name = {
        "PoisonedError": Reason.POISONED,
        "Reject": Reason.REJECTED,
        "TimeLimitExceeded": Reason.TIMED_OUT,
        "WorkerLostError": Reason.POISONED,
        "NotRegistered": Reason.UNKNOWN,
    }
    return by_name.get(type(error).__name__, Reason.FAILED)


def _own_death(headers: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what RabbitMQ says of how one of the service's queues gave the message up.

    Messages that waited for a retry have died before, in the queues that hold delays.

    https://www.rabbitmq.com/docs/dlx#effects
    """
    queues = [queue.name for queue in current_app.conf.task_queues or ()]
    deaths = headers.get("x-death")
    known = map(_mapping, deaths if isinstance(deaths, list | tuple) else ())
    return next((death for death in known if death.get("queue") in queues), {})


def _reason_of_broker(death: Mapping[str, Any]) -> str:
    by_word = {"rejected": Reason.REJECTED, "delivery_limit": Reason.POISONED}
    return by_word.get(str(death.get("reason")), Reason.RETURNED)


def _arguments(args: Any, kwargs: Any) -> dict[str, Any]:
    """Return both as JSON; what is none, which only a task in process can have, as a body."""
    try:
        return {"args": dumps(list(args or ())), "kwargs": dumps(dict(kwargs or {}))}
    except (TypeError, ValueError):
        return {"body": _text(f"{args!r} {kwargs!r}", TRACE_LENGTH)}


def _own_headers(headers: Mapping[str, Any]) -> str:
    """Return what the service wrote into the headers: who acts, and for which request."""
    return json.dumps(
        {
            name: value
            for name, value in headers.items()
            if isinstance(value, str | int | float | bool)
            and name not in PROTOCOL_HEADERS
            and not name.lower().startswith("x-")
        }
    )


def _former(headers: Mapping[str, Any]) -> str:
    return _text(headers.get(FORMER_HEADER), NAME_LENGTH)


def _queue(routing_key: Any) -> str:
    """Return the queue's name, in which a routing key ends; a delay may stand before it."""
    return _text(str(routing_key or "").rpartition(".")[2], 100)


def _mapping(value: Any) -> Mapping[str, Any]:
    """Return what has names; what has none counts as empty."""
    return value if isinstance(value, Mapping) else {}


def _count(value: Any) -> int:
    """Return what every database takes as a count; what is no number counts as 0."""
    try:
        return min(max(int(value or 0), 0), COUNT_LIMIT)
    except (TypeError, ValueError, OverflowError):
        return 0


def _described(error: BaseException) -> dict[str, Any]:
    kind = type(error)
    try:
        message = str(error)
    except Exception:  # noqa: BLE001 (an error that cannot be told must be kept too)
        message = "(The error cannot be shown.)"
    name = (
        kind.__qualname__
        if kind.__module__ == "builtins"
        else f"{kind.__module__}.{kind.__qualname__}"
    )
    return {"error": _text(name, NAME_LENGTH), "message": _text(message, MESSAGE_LENGTH)}


def _trace(error: BaseException) -> str:
    return "".join(traceback.format_exception(error))


def _raw(message: Message) -> str:
    body = message.body
    return body.decode("utf-8", "backslashreplace") if isinstance(body, bytes) else str(body)


def _text(value: Any, length: int, *, keep_end: bool = False) -> str:
    """Return what every database takes, of bounded length."""
    text = storable(str(value or ""))
    return text[-length:] if keep_end else text[:length]


def time_of(letter: Letter) -> datetime:
    """Return when the task ended."""
    return datetime.fromisoformat(letter.at)
