"""Who wants to hear of which event."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from core.events.event import Event

Heard = TypeVar("Heard", bound=Event)


@dataclass(frozen=True)
class Subscription:
    """A handler, and the class of the events that it takes."""

    event: type[Event]
    handler: Callable[[Any], None]
    atomic: bool = True


_handlers: dict[str, dict[str, Subscription]] = {}


def subscribe(
    event: type[Heard], *, atomic: bool = True
) -> Callable[[Callable[[Heard], None]], Callable[[Heard], None]]:
    """Register the decorated function as a handler of ``event``.

    The handler gets the event, whose ``envelope`` has its id, time and actor. It runs in a worker,
    in a transaction of its own, on behalf of the user who caused the event, and what it writes is
    written once. When a handler raises, it is tried again later, unless that is a
    ``core.jobs.errors.PermanentError``, and events of the same aggregate that came after wait for
    it.

    The inbox knows a handler by module and name: one that is renamed is a new one, and events that
    were published for the former wait for that.

    Args:
        atomic: false for a handler with effects outside of the database, such as mail, which no
            transaction can take back. It runs in none, and can run again, also beside itself: it
            does its effect within ``core.jobs.effects.once``.

    Raises:
        ValueError: when a handler of that name is registered already.
    """

    def register(handler: Callable[[Heard], None]) -> Callable[[Heard], None]:
        subscriber = f"{handler.__module__}.{handler.__qualname__}"
        handlers = _handlers.setdefault(event.event_name, {})
        if subscriber in handlers:
            raise ValueError(f"{subscriber} handles {event.event_name!r} already.")
        handlers[subscriber] = Subscription(event, handler, atomic)
        return handler

    return register


def subscribers_of(event_name: str) -> list[str]:
    """Return the names of the handlers of ``event_name``, in the order of registration."""
    return list(_handlers.get(event_name, {}))


def names_heard_by(subscriber: str) -> list[str]:
    """Return the names of the events that ``subscriber`` handles."""
    return [name for name, handlers in _handlers.items() if subscriber in handlers]


def subscription_of(event_name: str, subscriber: str) -> Subscription:
    """Return the subscription of ``subscriber`` to ``event_name``.

    Raises:
        LookupError: when this process has none: it may run another release than the sender.
    """
    handlers = _handlers.get(event_name, {})
    if subscriber not in handlers:
        raise LookupError(f"{subscriber} does not handle {event_name!r} in this release.")
    return handlers[subscriber]
