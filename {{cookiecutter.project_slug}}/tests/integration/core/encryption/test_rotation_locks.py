"""While a batch is encrypted anew, nobody else writes its rows: real threads, real transactions."""

import base64
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction
from pytest_django import Settings

from core.encryption.rotation import rotate
from core.security.models import TOTPDevice
from tests.factories.users import UserFactory

pytestmark = [
    pytest.mark.race,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer at a time"),
]
OLD, NEW = (
    f"{name}:{base64.urlsafe_b64encode(bytes(range(start, start + 32))).decode()}"
    for start, name in enumerate(("old", "new"))
)


def is_locked(device: TOTPDevice) -> bool:
    """Tell whether somebody else would have to wait for the row."""
    try:
        with transaction.atomic():
            TOTPDevice.objects.select_for_update(nowait=True).get(pk=device.pk)
    except OperationalError:
        return True
    finally:
        connection.close()
    return False


def test_rows_are_locked_from_reading_to_writing(settings: Settings) -> None:
    settings.FIELD_ENCRYPTION_KEYS = [OLD]
    device = TOTPDevice.objects.create(user=UserFactory())
    settings.FIELD_ENCRYPTION_KEYS = [NEW, OLD]
    seen = []

    def look(execute: Any, sql: str, *rest: Any) -> Any:
        if sql.startswith("UPDATE"):
            with ThreadPoolExecutor(1) as thread:
                seen.append(thread.submit(is_locked, device).result(timeout=30))
        return execute(sql, *rest)

    with connection.execute_wrapper(look):
        rotate(TOTPDevice._meta.get_field("key"))

    assert seen == [True]
    assert not is_locked(device)
