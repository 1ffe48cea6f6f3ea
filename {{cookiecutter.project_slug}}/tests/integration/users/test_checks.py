"""``manage.py check --deploy --database default`` finds accounts that must not be, or must."""

import pytest
from django.core.checks import Tags, run_checks

from apps.users.management.commands.seed_demo import EMAIL
from core.security.deploy import DEPLOY_CHECKS
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db


def findings(*databases: str) -> set[str]:
    found = run_checks(tags=[Tags.database], include_deployment_checks=True, databases=databases)
    return {str(one.id) for one in found} & DEPLOY_CHECKS.keys()


@pytest.mark.parametrize("email", [EMAIL, "staff@example.com"])
def test_demo_account_is_found(email: str) -> None:
    UserFactory(email=email, is_superuser=True)

    assert findings("default") == {"users.W001"}


def test_service_that_nobody_administers_is_found() -> None:
    UserFactory(is_superuser=True, is_active=False)

    assert findings("default") == {"users.W002"}


def test_service_that_somebody_administers_is_in_order() -> None:
    UserFactory(is_superuser=True)

    assert findings("default") == set()


def test_database_is_asked_only_where_it_is_named(django_assert_num_queries) -> None:
    with django_assert_num_queries(0):
        assert findings() == set()
