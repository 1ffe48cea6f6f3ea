"""Signs in with an access token of the service itself."""

from collections.abc import Callable

import pytest
from rest_framework.test import APIClient
from rest_framework_simplejwt.tokens import AccessToken

from apps.users.models import User


@pytest.fixture
def sign_in() -> Callable[[User], APIClient]:
    """Return a function that gives a client of the API with the credentials of a user."""

    def sign_in(user: User) -> APIClient:
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {AccessToken.for_user(user)}")
        return client

    return sign_in


@pytest.fixture
def credential_queries() -> int:
    """Return how many queries a request's credentials cost: the user."""
    return 1
