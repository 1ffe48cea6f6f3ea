"""The groups of a release that knew administrators and members become those of today."""

from importlib import import_module

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.db import connection

from apps.users.models import User
from apps.users.roles import Role
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db
migration = import_module("apps.users.migrations.0003_roles")
OLD = {"administrator", "member"}


def names() -> set[str]:
    return set(Group.objects.values_list("name", flat=True))


def migrate(direction: str) -> None:
    getattr(migration, direction)(apps, connection.schema_editor())


@pytest.fixture
def _before() -> None:
    Group.objects.all().delete()
    Group.objects.bulk_create(Group(name=name) for name in OLD)


@pytest.mark.usefixtures("_before")
def test_groups_are_renamed_and_keep_their_users_and_permissions() -> None:
    user = UserFactory(roles=["administrator", "member"])
    permission = Permission.objects.get(codename="view_user")
    Group.objects.get(name="member").permissions.add(permission)

    migrate("forwards")

    assert names() == set(Role.values)
    assert User.objects.get(pk=user.pk).roles == [Role.ADMIN, Role.CUSTOMER]
    assert Group.objects.get(name=Role.CUSTOMER).permissions.get() == permission


def test_groups_of_both_names_become_one() -> None:
    old = Group.objects.create(name="administrator")
    permission = Permission.objects.get(codename="view_user")
    old.permissions.add(permission)
    both, one = (
        UserFactory(roles=["administrator", Role.ADMIN]),
        UserFactory(roles=["administrator"]),
    )

    migrate("forwards")

    assert names() == set(Role.values)
    admins = Group.objects.get(name=Role.ADMIN)
    assert set(admins.user_set.all()) == {both, one}
    assert permission in admins.permissions.all()


def test_way_back_gives_the_old_names_and_forward_again_loses_nothing() -> None:
    user = UserFactory(roles=[Role.ADMIN, Role.STAFF])

    migrate("backwards")
    assert names() == OLD | {Role.STAFF, Role.MANAGER, Role.AUDITOR}
    migrate("forwards")

    assert names() == set(Role.values)
    assert User.objects.get(pk=user.pk).roles == [Role.ADMIN, Role.STAFF]
