import pytest
from django.urls import reverse
from django.utils import timezone

from core.events.inbox import GaveUpError
from core.events.models import InboxEntry
from core.events.tasks import event_handle, outbox_publish
from tests.factories.users import UserFactory
from tests.integration.core.events.conftest import make_event, make_row

CHANGELIST = "admin:events_outboxevent_changelist"

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin_client(client):
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    return client


def act(client, action, *events):
    """Return the text of the page that follows."""
    data = {"action": action, "_selected_action": [event.pk for event in events]}
    return client.post(reverse(CHANGELIST), data, follow=True).content.decode()


def test_event_page_shows_who_has_handled_it(admin_client):
    event = make_event()
    InboxEntry.objects.create(event=event, subscriber="apps.orders.events.remember")

    page = admin_client.get(reverse("admin:events_outboxevent_change", args=[event.pk]))

    assert "apps.orders.events.remember" in page.content.decode()
    assert 'name="_save"' not in page.content.decode()


@pytest.mark.parametrize(
    ("state", "number"), [("open", "1"), ("given up", "2"), ("handled", "3")], ids=str
)
def test_events_are_listed_by_state(admin_client, state, number):
    make_event(aggregate="things:1")
    make_event(aggregate="things:2", due_at=None)
    make_event(aggregate="things:3", due_at=None, handled_at=timezone.now())

    page = admin_client.get(reverse(CHANGELIST), {"state": state}).content.decode()

    assert [each for each in "123" if f"things:{each}" in page] == [number]


def test_send_again_lets_a_handler_try_again_that_gave_up(
    admin_client, subscriber, settings, django_capture_on_commit_callbacks
):
    event = make_event(due_at=None, attempts=50, published_at=timezone.now())
    attempts = settings.EVENTS_MAX_ATTEMPTS
    InboxEntry.objects.create(
        event=event, subscriber=subscriber.name, handled_at=None, attempts=attempts
    )

    with django_capture_on_commit_callbacks(execute=True):
        page = act(admin_client, "send_again", event)

    assert "1 events will be sent again." in page
    assert subscriber.numbers == [0]
    event.refresh_from_db()
    assert event.handled_at


def test_send_again_runs_no_handler_that_has_handled_the_event(
    admin_client, subscriber, django_capture_on_commit_callbacks
):
    event = make_event()
    outbox_publish.delay()

    with django_capture_on_commit_callbacks(execute=True):
        act(admin_client, "send_again", event)

    assert subscriber.calls == 1
    event.refresh_from_db()
    assert event.handled_at


def test_skip_lets_the_next_event_of_the_aggregate_pass(
    admin_client, subscriber, settings, django_capture_on_commit_callbacks
):
    settings.EVENTS_MAX_ATTEMPTS = 1
    subscriber.failures = [ZeroDivisionError()]
    first, _ = make_row(2)
    with pytest.raises(GaveUpError):
        event_handle.delay(str(first.pk), subscriber.name)

    with django_capture_on_commit_callbacks(execute=True):
        page = act(admin_client, "skip", first)

    assert "1 handlers will not run." in page
    assert subscriber.numbers == [2]
    first.refresh_from_db()
    entry = first.entries.get()
    assert first.handled_at
    assert entry.is_skipped
    assert entry.error == "ZeroDivisionError: "


def test_actions_need_the_permission_to_change(client):
    user = UserFactory(is_staff=True)
    client.force_login(user)
    event = make_event(due_at=None)

    client.post(reverse(CHANGELIST), {"action": "send_again", "_selected_action": [event.pk]})

    event.refresh_from_db()
    assert event.due_at is None
