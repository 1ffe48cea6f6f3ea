"""A request acts for its user, however that user has signed in."""

from collections.abc import Callable

import pytest
from django.test import Client
from rest_framework.test import APIClient

from core.identity.actor import current_user_id
from tests.bodies import data
from tests.factories.users import UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.integration.core.identity.urls")]


def test_api_acts_for_whom_it_has_authenticated(
    api_client: APIClient, sign_in: Callable[..., APIClient], settings
) -> None:
    user = UserFactory()
    settings.ROOT_URLCONF = "config.urls"  # Signing in may need routes of the service.
    client = sign_in(user)
    settings.ROOT_URLCONF = "tests.integration.core.identity.urls"

    assert data(client.get("/api/v1/")) == {"actor": str(user.pk)}


def test_page_acts_for_the_user_of_the_session(client: Client) -> None:
    user = UserFactory()
    client.force_login(user)

    assert client.get("/page/").json() == {"actor": str(user.pk)}


def test_anonymous_request_acts_for_nobody(api_client: APIClient, client: Client) -> None:
    assert data(api_client.get("/api/v1/")) == {"actor": None}
    assert client.get("/page/").json() == {"actor": None}


def test_nobody_acts_after_the_request(client: Client) -> None:
    client.force_login(UserFactory())
    client.get("/page/")

    assert current_user_id() is None
