"""Who wants to hear of which event."""

from collections.abc import Callable

from core.events.models import OutboxEvent

Handler = Callable[[OutboxEvent], None]

_handlers: dict[str, dict[str, Handler]] = {}


def subscribe(event_name: str) -> Callable[[Handler], Handler]:
    """Register the decorated function as a handler of the events called ``event_name``.

    The handler gets the event. It runs in a worker, in a transaction of its own, on behalf of the
    user who caused the event, and what it writes is written once. Anything else that it does, such
    as sending mail, can happen again when the transaction fails after it: start a task for that,
    with ``delay_on_commit``. When a handler raises, it is tried again later.

    The inbox knows a handler by module and name: one that is renamed is a new one.

    Raises:
        ValueError: when a handler of that name is registered already.
    """

    def register(handler: Handler) -> Handler:
        subscriber = f"{handler.__module__}.{handler.__qualname__}"
        handlers = _handlers.setdefault(event_name, {})
        if subscriber in handlers:
            raise ValueError(f"{subscriber} handles {event_name!r} already.")
        handlers[subscriber] = handler
        return handler

    return register


def subscribers_of(event_name: str) -> list[str]:
    """Return the names of the handlers of ``event_name``, in the order of registration."""
    return list(_handlers.get(event_name, {}))


def handler_of(event_name: str, subscriber: str) -> Handler:
    """Return the handler of ``event_name`` that is called ``subscriber``.

    Raises:
        LookupError: when this process has none: it may run another release than the sender.
    """
    handlers = _handlers.get(event_name, {})
    if subscriber not in handlers:
        raise LookupError(f"{subscriber} does not handle {event_name!r} in this release.")
    return handlers[subscriber]
