"""Keys are listed for a while after their end, and then deleted."""

from datetime import timedelta

import pytest
from django.utils import timezone

from core.jobs import batches
from core.security.api_keys.models import ApiKey
from core.security.api_keys.services import api_key_create
from core.security.api_keys.tasks import api_keys_purge
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db


def make_key(name: str, **fields: object) -> ApiKey:
    api_key, _ = api_key_create(user=UserFactory(), name=name, scopes=["users:read"])
    ApiKey.objects.filter(pk=api_key.pk).update(**fields)
    return api_key


def test_purge_deletes_what_ended_too_long_ago_however_it_ended(settings, monkeypatch) -> None:
    monkeypatch.setattr(batches, "BATCH_SIZE", 1)
    settings.API_KEY_RETENTION_DAYS = 30
    now = timezone.now()
    old, young = (
        now - timedelta(days=30, minutes=1),
        now - timedelta(days=30) + timedelta(minutes=1),
    )
    make_key("expired", expires_at=old)
    make_key("revoked", revoked_at=old)
    make_key("just expired", expires_at=young)
    make_key("just revoked", revoked_at=young)
    make_key("good")
    make_key("of before", expires_at=None)

    api_keys_purge()

    assert set(ApiKey.objects.values_list("name", flat=True)) == {
        "just expired",
        "just revoked",
        "good",
        "of before",
    }


def test_key_outlives_the_one_whose_place_it_took(settings) -> None:
    settings.API_KEY_RETENTION_DAYS = 30
    former = make_key("former", expires_at=timezone.now() - timedelta(days=31))
    successor = make_key("successor", former=former)

    api_keys_purge()

    successor.refresh_from_db()
    assert successor.former is None
