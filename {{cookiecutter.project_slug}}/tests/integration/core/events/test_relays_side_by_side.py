"""Two relays at once, on databases that have more than one writer at a time."""

from threading import Thread
from uuid import UUID

import pytest
from django.db import connection

from core.events import relay
from tests.integration.core.events.test_relay import make_events, unheard


@pytest.mark.skipif(
    "sqlite" in connection.settings_dict["ENGINE"], reason="SQLite has one writer at a time"
)
@pytest.mark.django_db(transaction=True)
def test_relay_batch_passes_over_what_another_relay_holds(subscriber):
    make_events(1)
    others = []

    def relay_elsewhere() -> None:
        others.append(relay.relay_batch(unheard))
        connection.close()

    def send(event_id: UUID, subscriber: str) -> None:
        thread = Thread(target=relay_elsewhere)
        thread.start()
        thread.join(timeout=10)

    assert relay.relay_batch(send) == 1
    assert others == [0]
