import pytest
from django.apps import apps
from django.apps.registry import Apps
from django.contrib.auth.models import Group, Permission, update_last_login
from django.core.management import call_command
from django.db import IntegrityError
from pytest_django import DjangoAssertNumQueries

from apps.users.apps import create_roles, grant_permissions
from apps.users.models import User
from apps.users.roles import Role
from apps.users.services import user_assign_roles
from core.identity.actor import acting_as
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db


def test_addresses_that_differ_in_case_are_one_account() -> None:
    UserFactory(email="ann@example.com")

    with pytest.raises(IntegrityError):
        UserFactory(email="Ann@Example.com")


def test_an_account_is_found_by_its_address_in_any_case() -> None:
    user = UserFactory(email="Ann@Example.com")

    assert User.objects.get_by_natural_key("ANN@example.com") == user


def test_a_bulk_write_makes_no_second_account_of_an_address_either() -> None:
    UserFactory(email="ann@example.com")
    user = UserFactory()

    with pytest.raises(IntegrityError):
        User.objects.filter(pk=user.pk).update(email="ANN@EXAMPLE.COM")


def test_signing_in_is_no_change_of_the_account() -> None:
    with acting_as(UserFactory().pk):
        user = UserFactory()
    before = User.objects.get(pk=user.pk)

    update_last_login(None, user)

    after = User.objects.get(pk=user.pk)
    assert after.last_login is not None
    assert (after.updated_at, after.updated_by) == (before.updated_at, before.updated_by)


def test_roles_are_sorted_and_leave_other_groups_out() -> None:
    user = UserFactory(roles=[Role.CUSTOMER, Role.ADMIN])
    user.groups.add(Group.objects.create(name="accounting"))

    assert user.roles == [Role.ADMIN, Role.CUSTOMER]


def test_inactive_users_act_by_no_role_and_superusers_by_that_of_an_admin() -> None:
    superuser = User.objects.create_superuser("root@example.com", None)

    assert UserFactory(roles=[Role.STAFF, Role.AUDITOR]).acting_roles == {Role.STAFF, Role.AUDITOR}
    assert UserFactory(roles=[]).acting_roles == frozenset()
    assert UserFactory(is_active=False).acting_roles == frozenset()
    assert superuser.acting_roles == {Role.ADMIN}


def test_roles_are_asked_for_once_until_they_change(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    user = User.objects.get(pk=UserFactory().pk)

    with django_assert_num_queries(1):
        assert user.acting_roles == user.acting_roles == {Role.CUSTOMER}
    user_assign_roles(user=user, roles=[Role.STAFF])
    assert user.acting_roles == {Role.STAFF}


def test_auditors_may_view_and_admins_may_do_everything_in_the_admin_site() -> None:
    def granted(role: Role) -> set[str]:
        return set(Group.objects.get(name=role).permissions.values_list("codename", flat=True))

    known = set(Permission.objects.values_list("codename", flat=True))

    assert granted(Role.ADMIN) == known
    assert granted(Role.AUDITOR) == {name for name in known if name.startswith("view_")}
    assert not granted(Role.CUSTOMER) | granted(Role.STAFF) | granted(Role.MANAGER)


def test_every_role_is_a_group() -> None:
    assert set(Group.objects.values_list("name", flat=True)) == set(Role.values)


@pytest.mark.django_db(transaction=True)
def test_the_roles_are_there_after_the_database_was_flushed() -> None:
    call_command("flush", interactive=False, verbosity=0)

    assert set(Group.objects.values_list("name", flat=True)) == set(Role.values)


def test_a_database_from_before_the_groups_gets_no_roles(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_num_queries(0):
        create_roles(using="default", apps=Apps())
        grant_permissions(app_config=apps.get_app_config("users"), using="default", apps=Apps())
