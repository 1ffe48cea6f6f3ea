"""Signs in with an access token of the service itself."""

from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from apps.users.authentication.jwt.tokens import RefreshToken
from apps.users.models import User


@pytest.fixture
def sign_in() -> Callable[[User], APIClient]:
    """Return a function that gives a client of the API with the credentials of a user."""

    def sign_in(user: User) -> APIClient:
        client = APIClient()
        token = RefreshToken.for_user(user).access_token
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
        return client

    return sign_in


def sign_in_id(user: User) -> str:
    """Sign ``user`` in, and return the id of that in the list of sign-ins."""
    return str(RefreshToken.for_user(user).family_id)


@pytest.fixture
def credential_queries() -> int:
    """Return how many queries a request's credentials cost: the user, with its sign-in."""
    return 1
