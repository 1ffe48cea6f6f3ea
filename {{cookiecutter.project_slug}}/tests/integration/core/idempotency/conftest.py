"""A client whose requests can be repeated."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from rest_framework.test import APIClient

from tests.factories.users import UserFactory
from tests.integration.core.idempotency.urls import GroupView

Post = Callable[..., Any]


@pytest.fixture(autouse=True)
def _plain_views() -> Iterator[None]:
    """Let no test inherit what another has planned for the view."""
    yield
    GroupView.failures.clear()
    GroupView.then.clear()


@pytest.fixture
def post_as(sign_in: Callable[..., APIClient], settings) -> Callable[..., Post]:
    """Return a function that returns how a user posts a body with a key."""

    def as_user(user: Any = None) -> Post:
        settings.ROOT_URLCONF = "config.urls"  # Signing in may need routes of the service.
        client = sign_in(user or UserFactory())
        settings.ROOT_URLCONF = "tests.integration.core.idempotency.urls"
        client.raise_request_exception = False

        def post(body: Any, key: str = "key-1", path: str = "/groups/") -> Any:
            return client.post(path, body, headers={"Idempotency-Key": key})

        return post

    return as_user


@pytest.fixture
def post(post_as: Callable[..., Post]) -> Post:
    """Return how one user posts."""
    return post_as()
