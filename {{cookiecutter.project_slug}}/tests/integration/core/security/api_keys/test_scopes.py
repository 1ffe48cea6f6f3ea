"""A key gets where its scopes and its user both let it, and nowhere else."""

from collections.abc import Iterable

import pytest
from django.conf import settings
from django.urls import get_resolver
from rest_framework.test import APIClient

from core.security.api_keys.models import ApiKey
from core.security.api_keys.scopes import scope_for, suffices
from core.security.api_keys.services import api_key_create
from tests.bodies import data, error_codes
from tests.factories.users import AdminFactory, UserFactory
from tests.integration.access.owned import path_of
from tests.integration.access.test_access import METHODS, ask, routes, walk

pytestmark = pytest.mark.django_db
ME = "/api/v1/users/me/"
# Manage what outlives a key; whoever opens one of these to keys has to say so here.
NEVER = ("api/v1/api-keys/", "api/v1/auth/", settings.ADMIN_PATH)


def client_of(user, scopes: Iterable[str]) -> APIClient:
    client = APIClient()
    _, key = api_key_create(user=user, name="robot", scopes=scopes)
    client.credentials(HTTP_AUTHORIZATION=f"Api-Key {key}")
    return client


@pytest.mark.parametrize("route", sorted(routes()))
def test_route_is_covered_by_a_scope_or_refuses_keys(route):
    """With every scope there is, and as an admin: where no scope leads is no way."""
    admin = AdminFactory()
    everything = client_of(admin, ["*"])
    nothing = client_of(admin, [])
    path = path_of(route, admin)

    for method in METHODS:
        anonymous = ask(APIClient(), method, path)
        if scope_for(method, route) is None:
            # Views that ask nobody who calls, such as signing in, take a key for nothing.
            assert ask(everything, method, path) in {403, anonymous}, method
        else:
            assert ask(nothing, method, path) == 403, method
            assert ask(everything, method, path) not in {401, 403}, method


def test_every_route_of_a_scope_is_there():
    named = {route for _, covered in settings.API_KEY_SCOPES.values() for route in covered}

    assert named - set(walk(get_resolver().url_patterns)) == set()
    assert [route for route in named if route.startswith(NEVER)] == []


def test_route_of_no_scope_is_refused_to_every_key(settings):
    settings.API_KEY_SCOPES = {}

    response = client_of(AdminFactory(), ["*"]).get(ME)

    assert response.status_code == 403
    assert error_codes(response) == [("insufficient_scope", None)]
    assert response["WWW-Authenticate"] == 'Api-Key realm="api", error="insufficient_scope"'


def test_key_lacks_a_scope():
    response = client_of(UserFactory(), ["tasks:read"]).get(ME)

    assert response.status_code == 403
    assert error_codes(response) == [("insufficient_scope", None)]
    assert response["WWW-Authenticate"] == (
        'Api-Key realm="api", error="insufficient_scope", scope="users:read"'
    )


def test_key_that_may_read_may_not_write():
    response = client_of(UserFactory(), ["users:read"]).patch(ME, {"first_name": "Eve"})

    assert response.status_code == 403
    assert error_codes(response) == [("insufficient_scope", None)]


def test_scope_gives_nothing_that_the_user_may_not():
    client = client_of(UserFactory(), ["users:read"])

    assert client.get(ME).status_code == 200
    refused = client.get("/api/v1/users/")
    assert refused.status_code == 403
    assert error_codes(refused) == [("permission_denied", None)]


def test_no_key_reaches_the_admin(client):
    _, key = api_key_create(
        user=UserFactory(is_staff=True, is_superuser=True), name="robot", scopes=["*"]
    )

    response = client.get("/admin/", headers={"Authorization": f"Api-Key {key}"})

    assert response.status_code == 302


@pytest.mark.parametrize(
    ("scopes", "needed", "expected"),
    [
        (["users:read"], "users:read", True),
        (["*"], "users:read", True),
        (["users:read"], "users:write", False),
        (["users"], "users:read", False),
        ([], "users:read", False),
        (["*"], None, False),
    ],
)
def test_scopes_suffice(scopes, needed, expected):
    assert suffices(scopes, needed) is expected


def test_scopes_are_told_with_a_key(sign_in):
    user = UserFactory()
    api_key_create(user=user, name="robot", scopes=["users:read", "tasks:read", "tasks:read"])

    shown = data(sign_in(user).get("/api/v1/api-keys/"))["results"][0]

    assert shown["scopes"] == ["tasks:read", "users:read"]
    assert ApiKey.objects.get().scopes == shown["scopes"]
