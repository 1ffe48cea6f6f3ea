"""Machines get keys, and accounts that nobody can sign in to."""

import io
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.utils import timezone

from apps.users.roles import Role
from core.security.api_keys.models import ApiKey
from core.security.api_keys.services import api_key_check, api_key_create
from tests.factories.users import UserFactory
from tests.metrics import TOKEN, scrape

pytestmark = pytest.mark.django_db
CREATE = ("api_keys", "create", "importer", "--scope", "tasks:read")
ROLE = next(iter(Role.values))


def called(*arguments: str) -> str:
    out = io.StringIO()
    call_command(*arguments, stdout=out, stderr=io.StringIO())
    return out.getvalue().strip()


def test_create_makes_an_account_without_a_password_and_prints_its_key():
    key = called(*CREATE, "--role", ROLE, "--days", "10")

    api_key = api_key_check(key=key)
    assert api_key.scopes == ["tasks:read"]
    assert api_key.user.email == "importer@machines.invalid"
    assert not api_key.user.has_usable_password()
    assert list(api_key.user.groups.values_list("name", flat=True)) == [ROLE]
    assert api_key.expires_at < timezone.now() + timedelta(days=11)


def test_create_again_gives_the_account_another_key():
    keys = {called(*CREATE), called(*CREATE)}

    assert {api_key_check(key=key).user.email for key in keys} == {"importer@machines.invalid"}
    assert get_user_model().objects.count() == 1


def test_create_takes_no_account_that_somebody_can_sign_in_to():
    UserFactory(email="importer@machines.invalid")

    with pytest.raises(CommandError, match="has a password"):
        called(*CREATE)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("create", "a b", "--scope", "tasks:read"), "letters, digits"),
        (("create", "importer", "--scope", "tasks:all"), "invalid choice"),
        (("create", "importer", "--scope", "tasks:read", "--role", "king"), "no role king"),
        (("create", "importer", "--scope", "tasks:read", "--days", "0"), "from 1 on"),
        (("create", "importer", "--scope", "tasks:read", "--days", "9999"), "at most"),
        (("rotate", "0" * 12), "There is no key"),
        (("rotate", "0" * 12, "--grace-hours", "9999"), "give 0 to"),
        (("revoke", "0" * 12), "There is no key"),
    ],
)
def test_what_makes_no_sense_is_refused(arguments, sentence):
    with pytest.raises(CommandError, match=sentence):
        called("api_keys", *arguments)

    assert not ApiKey.objects.exists()
    assert not get_user_model().objects.exists()


def test_roles_of_an_account_that_is_there_are_not_changed():
    called(*CREATE)

    with pytest.raises(CommandError, match="is there"):
        called(*CREATE, "--role", ROLE)


def test_rotate_prints_the_new_key_and_revoke_ends_it():
    first = called(*CREATE)

    second = called("api_keys", "rotate", api_key_check(key=first).prefix, "--grace-hours", "0")

    assert api_key_check(key=first) is None
    called("api_keys", "revoke", api_key_check(key=second).prefix)
    assert api_key_check(key=second) is None


def test_keys_that_expire_soon_are_counted(client, settings):
    settings.METRICS_TOKENS = [TOKEN]
    user = UserFactory()
    for days in (1, 13, 15):
        expires_at = timezone.now() + timedelta(days=days)
        api_key_create(user=user, name="robot", scopes=["tasks:read"], expires_at=expires_at)

    assert scrape(client)["api_keys_expiring"] == {(): 2}
