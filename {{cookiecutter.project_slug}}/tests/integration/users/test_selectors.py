import pytest
from django.contrib.auth.models import AnonymousUser

from apps.users.models import Role, User
from apps.users.selectors import user_is_administrator
from tests.factories.users import AdministratorFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_administrators_and_superusers_may_administer() -> None:
    superuser = User.objects.create_superuser("root@example.com", None)

    assert user_is_administrator(user=AdministratorFactory())
    assert user_is_administrator(user=superuser)


def test_nobody_else_may_administer() -> None:
    assert not user_is_administrator(user=AnonymousUser())
    assert not user_is_administrator(user=UserFactory())
    assert not user_is_administrator(user=UserFactory(roles=[Role.MEMBER]))
    assert not user_is_administrator(user=AdministratorFactory(is_active=False))
