"""``manage.py check --deploy`` finds tokens that are good for too long."""

from datetime import timedelta

import pytest
from django.core.checks import Tags, run_checks
from pytest_django import Settings

from core.security.deploy import DEPLOY_CHECKS


def findings() -> set[str]:
    found = run_checks(tags=[Tags.security], include_deployment_checks=True)
    return {str(one.id) for one in found if str(one.id).startswith("jwt.")}


@pytest.mark.parametrize(
    ("name", "identifier"),
    [("ACCESS_TOKEN_LIFETIME", "jwt.W001"), ("REFRESH_TOKEN_LIFETIME", "jwt.W002")],
)
def test_tokens_that_last_too_long_are_found(
    settings: Settings, name: str, identifier: str
) -> None:
    assert findings() == set()
    assert identifier in DEPLOY_CHECKS

    settings.SIMPLE_JWT = {**settings.SIMPLE_JWT, name: timedelta(days=31)}

    assert findings() == {identifier}
