import pytest
from django.urls import reverse
from django.utils import timezone

from core.events.models import InboxEntry, OutboxEvent
from tests.factories.users import UserFactory


@pytest.fixture
def admin_client(client):
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    return client


@pytest.fixture
def event() -> OutboxEvent:
    event = OutboxEvent.objects.create(
        name="thing.happened", payload={"number": 1}, published_at=timezone.now()
    )
    InboxEntry.objects.create(event=event, subscriber="apps.orders.events.remember")
    return event


@pytest.mark.django_db
def test_event_page_shows_who_has_handled_it(admin_client, event):
    page = admin_client.get(reverse("admin:events_outboxevent_change", args=[event.pk]))

    assert "apps.orders.events.remember" in page.content.decode()
    assert 'name="_save"' not in page.content.decode()


@pytest.mark.django_db
def test_send_again_puts_the_event_back_into_the_outbox(admin_client, event):
    page = admin_client.post(
        reverse("admin:events_outboxevent_changelist"),
        {"action": "send_again", "_selected_action": [event.pk]},
        follow=True,
    )

    assert "1 events will be sent again." in page.content.decode()
    event.refresh_from_db()
    assert event.published_at is None
