import pytest

from core.events import subscriptions
from tests.integration.core.events.things import NobodyCares, ThingHappened


@pytest.fixture(autouse=True)
def no_handlers(monkeypatch):
    monkeypatch.setattr(subscriptions, "_handlers", {})


def remember(event: object) -> None:
    """Handle nothing."""


NAME = f"{__name__}.remember"


def test_subscribe_names_a_handler_by_module_and_name():
    subscriptions.subscribe(ThingHappened)(remember)

    assert subscriptions.subscribers_of("thing.happened") == [NAME]
    subscription = subscriptions.subscription_of("thing.happened", NAME)
    assert subscription == subscriptions.Subscription(ThingHappened, remember)


def test_subscribe_lets_one_handler_hear_of_several_events():
    subscriptions.subscribe(ThingHappened)(subscriptions.subscribe(NobodyCares)(remember))

    assert subscriptions.subscribers_of("thing.happened") == [NAME]
    assert subscriptions.subscribers_of("nobody.cares") == [NAME]
    assert set(subscriptions.names_heard_by(NAME)) == {"thing.happened", "nobody.cares"}


def test_subscribe_refuses_a_handler_twice():
    subscriptions.subscribe(ThingHappened)(remember)

    with pytest.raises(ValueError, match=r"remember handles 'thing\.happened' already"):
        subscriptions.subscribe(ThingHappened)(remember)


def test_subscribers_of_an_event_that_nobody_handles_are_none():
    assert subscriptions.subscribers_of("thing.happened") == []


def test_subscription_of_an_unknown_subscriber_is_an_error():
    with pytest.raises(LookupError, match=r"apps\.gone does not handle 'thing\.happened'"):
        subscriptions.subscription_of("thing.happened", "apps.gone")
