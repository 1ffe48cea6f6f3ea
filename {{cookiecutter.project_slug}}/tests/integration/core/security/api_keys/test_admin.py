import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from core.security.api_keys.models import ApiKey
from core.security.api_keys.services import api_key_create
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db
URL = reverse("admin:api_keys_apikey_changelist")


@pytest.fixture
def api_key() -> ApiKey:
    return api_key_create(user=UserFactory(), name="robot", scopes=["tasks:read"])[0]


def revoke(client, api_key: ApiKey) -> None:
    client.post(URL, {"action": "revoke", "_selected_action": [api_key.pk]})
    api_key.refresh_from_db()


def test_keys_are_listed_and_shown_without_their_hash(client, api_key):
    client.force_login(UserFactory(is_staff=True, is_superuser=True))

    listed = client.get(URL).content.decode()
    shown = client.get(reverse("admin:api_keys_apikey_change", args=[api_key.pk]))

    assert api_key.prefix in listed
    assert api_key.hash not in listed + shown.content.decode()
    assert client.get(reverse("admin:api_keys_apikey_add")).status_code == 403


def test_keys_are_revoked_by_who_may_change_them(client, api_key):
    client.force_login(UserFactory(is_staff=True, is_superuser=True))

    revoke(client, api_key)

    assert api_key.revoked_at is not None


def test_keys_are_not_revoked_by_who_may_only_look(client, api_key):
    user = UserFactory(is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_apikey"))
    client.force_login(user)

    revoke(client, api_key)

    assert api_key.revoked_at is None
