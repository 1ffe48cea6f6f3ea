from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from apps.users.management.commands.seed_demo import EMAIL, PASSWORD
from apps.users.models import User
from apps.users.roles import Role

pytestmark = pytest.mark.django_db


def test_seed_demo_makes_an_account_for_each_role_once(settings: Settings) -> None:
    settings.DEBUG = True
    printed = StringIO()

    call_command("seed_demo", stdout=printed)
    call_command("seed_demo", stdout=printed)

    user = User.objects.get(email=EMAIL)
    assert user.check_password(PASSWORD)
    assert user.is_superuser
    assert user.roles == [Role.ADMIN]
    assert f"{EMAIL} / {PASSWORD}" in printed.getvalue()
    others = User.objects.exclude(pk=user.pk)
    assert {(user.email, user.is_staff, *user.roles) for user in others} == {
        ("customer@example.com", False, Role.CUSTOMER),
        ("staff@example.com", True, Role.STAFF),
        ("manager@example.com", True, Role.MANAGER),
        ("auditor@example.com", True, Role.AUDITOR),
    }


def test_seed_demo_refuses_where_debug_is_off(settings: Settings) -> None:
    settings.DEBUG = False

    with pytest.raises(CommandError, match="only with DEBUG on"):
        call_command("seed_demo")

    assert not User.objects.exists()


def test_createsuperuser_asks_for_no_user_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)

    call_command("createsuperuser", interactive=False, email="Root@Example.com", verbosity=0)

    user = User.objects.get(email="root@example.com")
    assert user.is_superuser
    assert user.is_staff
    assert user.check_password(PASSWORD)
