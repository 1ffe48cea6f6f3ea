"""Letters in the broker: those that the database did not take, and those that the broker made."""

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from celery import current_app
from celery.exceptions import QueueNotFound, SoftTimeLimitExceeded
from django import db
from kombu import Connection, Message
from kombu.exceptions import OperationalError
from kombu.utils.json import loads

from core.dead_letters import letters
from core.dead_letters.letters import FORMER_HEADER, Letter
from core.dead_letters.models import DeadLetter, Reason
from core.errors import UnavailableError, UnprocessableError
from core.identity.actor import acting_as
from core.identity.origin import NOTHING_ASKED, originating_from
from core.jobs.errors import DATABASE_ERRORS
from core.jobs.queues import Queue, dead_letter_queue, put_back

logger = logging.getLogger(__name__)

# Marks a message that is a letter already; without it, it is one that the broker gave up.
LETTER_TYPE = "dead-letter"
# One more try, for a connection that was kept and has ended meanwhile.
RETRY_POLICY = {"max_retries": 1, "interval_start": 0}
# What the next letter would meet too.
ENDING_ERRORS = (*DATABASE_ERRORS, SoftTimeLimitExceeded)
# Of these, what only the one letter is the reason of.
LETTER_ERRORS = (db.DataError, db.IntegrityError)


def post(letter: Letter) -> None:
    """Put a letter into the broker's queue of dead letters, from where it is drained.

    Raises:
        UnavailableError: the broker does not answer, or there is none.
    """
    queue = dead_letter_queue()
    with _broker_errors(), current_app.producer_pool.acquire(block=True) as producer:
        producer.publish(
            letter.as_dict(),
            serializer="json",
            type=LETTER_TYPE,
            exchange="",
            routing_key=queue.name,
            declare=[queue],
            retry=True,
            retry_policy=RETRY_POLICY,
        )


def ask_to_drain() -> None:
    """Have a worker drain the queue now; when that cannot be sent, beat does so later."""
    with suppress(UnavailableError), _broker_errors():
        current_app.tasks["core.dead_letters.tasks.dead_letters_drain"].apply_async(retry=False)


def drain(keep: Callable[[Letter], object]) -> int:
    """Hand each letter to ``keep``, and acknowledge it when that has returned; return how many.

    A letter that cannot be kept is put back behind those that wait, and does not hold them up.

    Raises:
        DatabaseError, InterfaceError: of Django: the database keeps no letter now.
        SoftTimeLimitExceeded: it has taken too long.
        UnavailableError: the broker does not answer.
    """
    count = 0
    unkept: list[Any] = []
    end: Exception | None = None
    with _broker_errors(), _connection() as connection, connection.channel() as channel:
        queue: Any = dead_letter_queue().bind(channel)
        queue.declare()
        # Not Queue.get, which raises what it cannot decompress.
        while end is None and (found := queue.channel.basic_get(queue.name)):
            message = queue.channel.message_to_python(found)
            try:
                keep(_letter(message))
            except Exception as error:
                unkept.append(found)
                if isinstance(error, ENDING_ERRORS) and not isinstance(error, LETTER_ERRORS):
                    end = error
                else:
                    logger.exception("a dead letter cannot be kept, and stays in the broker")
            else:
                message.ack()
                count += 1
        # Not before the queue's end, where the loop would find them again.
        for found in unkept:
            put_back(queue, found)
    if end is not None:
        raise end
    return count


def send(letter: DeadLetter) -> None:
    """Send the task of a letter once more, for whom and in which queue it was sent before.

    By its name, since only workers know all tasks: one that has none of this name makes a letter of
    it again.

    Raises:
        UnavailableError: the broker does not answer.
        UnprocessableError: there is no such queue, or no such task where tasks run in process.
    """
    send_task = _run if current_app.conf.task_always_eager else current_app.send_task
    with _broker_errors():
        try:
            send_task(
                letter.task,
                loads(letter.args),
                loads(letter.kwargs),
                task_id=letter.task_id,
                root_id=letter.root_id or None,
                queue=letter.queue or Queue.DEFAULT,
                headers={**json.loads(letter.headers), FORMER_HEADER: str(letter.pk)},
                retry=True,
                retry_policy=RETRY_POLICY,
            )
        except QueueNotFound as error:
            raise UnprocessableError(
                f"No queue is called {letter.queue!r}, so dead letter {letter.pk} cannot be sent again."
            ) from error


def _run(name: str, args: Any, kwargs: Any, **options: Any) -> Any:
    """Run a task here, as Celery does where no broker is."""
    current_app.loader.import_default_modules()
    task: Any = current_app.tasks.get(name)
    if task is None:
        raise UnprocessableError(f"No task is called {name!r}, so it cannot be sent again.")
    # Only the headers of the letter count, not who sends it now.
    with acting_as(None), originating_from(NOTHING_ASKED):
        return task.apply_async(args, kwargs, **options)


def _letter(message: Message) -> Letter:
    if message.properties.get("type") == LETTER_TYPE:
        try:
            return Letter(**message.decode())
        except Exception:  # noqa: BLE001 (somebody else's message, whatever it calls itself)
            return letters.of_message(message, reason=Reason.UNREADABLE)
    return letters.of_message(message)


def _connection() -> Connection:
    if not current_app.conf.broker_url:
        raise UnavailableError("No broker is there: CELERY_BROKER_URL names none.")
    return current_app.connection_for_write()


@contextmanager
def _broker_errors() -> Iterator[None]:
    try:
        yield
    except _errors_of_broker() as error:
        raise UnavailableError(f"The broker does not answer: {error}") from error


def _errors_of_broker() -> tuple[type[BaseException], ...]:
    """Return what the broker's client raises: kombu makes only some of it its OperationalError."""
    connection = current_app.connection_for_write()
    return (
        OperationalError,
        OSError,
        *connection.connection_errors,
        *connection.channel_errors,
        # Only these have what RabbitMQ raises for a message that it does not take.
        *connection.recoverable_connection_errors,
    )
