"""A test that writes for good leaves nothing behind, and takes nothing away."""

import pytest
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from pytest_django import DjangoAssertNumQueries

from apps.users.models import User
from apps.users.roles import Role
from tests.factories.users import UserFactory
from tests.restoring import Restorer

pytestmark = pytest.mark.django_db(transaction=True)


def test_rows_that_a_test_made_are_gone() -> None:
    restorer = Restorer()
    UserFactory()

    restorer.restore()

    assert not User.objects.exists()


def test_rows_that_a_test_changed_and_deleted_are_as_they_were() -> None:
    before = list(Group.objects.order_by("id").values())
    restorer = Restorer()
    Group.objects.filter(name=Role.STAFF).update(name="changed")
    Group.objects.get(name=Role.ADMIN).delete()

    restorer.restore()

    assert list(Group.objects.order_by("id").values()) == before


def test_content_types_are_known_though_the_database_was_flushed(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    restorer = Restorer()
    before = ContentType.objects.get_for_model(User).id
    call_command("flush", interactive=False, verbosity=0)

    restorer.restore()

    with django_assert_num_queries(0):
        assert ContentType.objects.get_for_model(User).id == before
