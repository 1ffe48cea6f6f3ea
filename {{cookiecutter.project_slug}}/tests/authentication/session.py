"""Signs in with a session, and proves it as a browser does: a cookie and a CSRF token."""

from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from apps.users.models import User
from core.security.sign_ins.backend import handle_of
from tests.bodies import data


@pytest.fixture
def sign_in() -> Callable[[User], APIClient]:
    """Return a function that gives a client of the API with the credentials of a user."""

    def sign_in(user: User) -> APIClient:
        client = APIClient(enforce_csrf_checks=True)
        client.force_login(user)
        token = data(client.get("/api/v1/auth/csrf/"))["csrf_token"]
        client.credentials(HTTP_X_CSRFTOKEN=token)
        return client

    return sign_in


def sign_in_id(user: User) -> str:
    """Sign ``user`` in, and return the id of that in the list of sign-ins."""
    client = APIClient()
    client.force_login(user)
    return str(handle_of(client.session.session_key))


@pytest.fixture
def credential_queries() -> int:
    """Return how many queries a request's credentials cost: the session and the user."""
    return 2
