"""Every route answers every method and role as ``table.txt`` says, and no route is missing there.

A line is a route, a method, and the status for each role. ``others`` are the methods that the route
has no line for. The body is an empty object, so 400, 409, 412 and 428 mean that the caller was let in.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib import admin
from django.db import connection
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from rest_framework.test import APIClient

from apps.users.models import User
from tests.factories.users import (
    AdminFactory,
    AuditorFactory,
    ManagerFactory,
    StaffFactory,
    UserFactory,
)
from tests.integration.access.owned import path_of

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
# ``other`` and ``owner`` are customers, of whom the row that a route leads to is the owner's.
ROLES = ("anonymous", "other", "owner", "staff", "manager", "auditor", "admin")
OTHERS = "others"

Table = dict[str, dict[str, list[int]]]


def read_table() -> Table:
    table: Table = {}
    for line in Path(__file__).with_name("table.txt").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            route, method, *statuses = line.split()
            table.setdefault(route, {})[method] = [int(status) for status in statuses]
    return table


TABLE = read_table()


def routes() -> set[str]:
    """Return all routes but those of the admin."""
    found = set(walk(get_resolver().url_patterns))
    return {route for route in found if not route.startswith(settings.ADMIN_PATH)}


def walk(patterns: list[URLPattern | URLResolver], prefix: str = "") -> Iterator[str]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from walk(pattern.url_patterns, route)
        else:
            yield route


@pytest.mark.parametrize("route", sorted(routes()))
@pytest.mark.django_db
def test_route_answers_each_role_as_the_table_says(
    route: str, sign_in: Callable[[User], APIClient]
) -> None:
    assert route in TABLE, f"{route} has no line in {Path(__file__).with_name('table.txt')}."
    owner = UserFactory()
    path = path_of(route, owner)
    makers = (StaffFactory, ManagerFactory, AuditorFactory, AdminFactory)
    callers = (None, UserFactory(), owner, *(make() for make in makers))

    found = {}
    for method in METHODS:
        clients = (sign_in(user) if user else APIClient() for user in callers)
        found[method] = [ask(client, method, path) for client in clients]

    expected = {method: TABLE[route].get(method) or TABLE[route][OTHERS] for method in METHODS}
    assert found == expected, f"{route}, for {', '.join(ROLES)}"


def ask(client: APIClient, method: str, path: str) -> int:
    """Return the status of the answer, and undo what the request did."""
    before = connection.savepoint()
    body = {} if method == "GET" else {"data": {}, "format": "json"}
    response = getattr(client, method.lower())(path, **body)
    if response.streaming:
        response.getvalue()  # Which closes the file.
    connection.savepoint_rollback(before)
    return int(response.status_code)


ME = "api/v1/users/me/"


@pytest.mark.django_db
def test_route_without_a_line_fails(
    sign_in: Callable[[User], APIClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(TABLE, ME)

    with pytest.raises(AssertionError, match=f"{ME} has no line"):
        test_route_answers_each_role_as_the_table_says(ME, sign_in)


@pytest.mark.django_db
@pytest.mark.parametrize("role", range(len(ROLES)), ids=ROLES)
def test_role_that_is_answered_otherwise_fails(
    role: int, sign_in: Callable[[User], APIClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    statuses = list(TABLE[ME]["GET"])
    statuses[role] = 404
    monkeypatch.setitem(TABLE[ME], "GET", statuses)

    with pytest.raises(AssertionError, match="for anonymous, other, owner"):
        test_route_answers_each_role_as_the_table_says(ME, sign_in)


def test_every_line_is_of_a_route() -> None:
    assert set(TABLE) - routes() == set()


@pytest.mark.django_db
def test_admin_shows_nothing_to_who_is_not_of_the_staff(
    sign_in: Callable[[User], APIClient], client
) -> None:
    client.force_login(UserFactory())
    login = reverse("admin:login")

    for visitor in (APIClient(), client):
        for model, options in admin.site._registry.items():
            name = f"{model._meta.app_label}_{model._meta.model_name}"
            for page, args in (
                ("changelist", []),
                ("add", []),
                ("change", ["1"]),
                ("delete", ["1"]),
            ):
                path = reverse(f"{options.admin_site.name}:{name}_{page}", args=args)
                assert visitor.get(path)["Location"] == f"{login}?next={path}"
