import pytest

from core.events import subscriptions
from core.events.models import OutboxEvent


@pytest.fixture(autouse=True)
def no_handlers(monkeypatch):
    monkeypatch.setattr(subscriptions, "_handlers", {})


def remember(event: OutboxEvent) -> None:
    """Handle nothing."""


def test_subscribe_names_a_handler_by_module_and_name():
    subscriptions.subscribe("order.placed")(remember)

    assert subscriptions.subscribers_of("order.placed") == [f"{__name__}.remember"]
    assert subscriptions.handler_of("order.placed", f"{__name__}.remember") is remember


def test_subscribe_lets_one_handler_hear_of_several_events():
    subscriptions.subscribe("order.placed")(subscriptions.subscribe("order.paid")(remember))

    assert subscriptions.subscribers_of("order.placed") == [f"{__name__}.remember"]
    assert subscriptions.subscribers_of("order.paid") == [f"{__name__}.remember"]


def test_subscribe_refuses_a_handler_twice():
    subscriptions.subscribe("order.placed")(remember)

    with pytest.raises(ValueError, match=r"remember handles 'order\.placed' already"):
        subscriptions.subscribe("order.placed")(remember)


def test_subscribers_of_an_event_that_nobody_handles_are_none():
    assert subscriptions.subscribers_of("order.placed") == []


def test_handler_of_an_unknown_subscriber_is_an_error():
    with pytest.raises(LookupError, match=r"apps\.gone does not handle 'order\.placed'"):
        subscriptions.handler_of("order.placed", "apps.gone")
