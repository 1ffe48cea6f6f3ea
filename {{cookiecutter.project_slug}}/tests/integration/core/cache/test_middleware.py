"""Nobody but the caller keeps an answer, unless its view says so."""

import re
from typing import Any

import pytest
from drf_spectacular.generators import SchemaGenerator
from rest_framework.test import APIClient

from tests.factories.users import AdminFactory

NO_KEY = "00000000-0000-0000-0000-000000000000"
PAGES = ["/api/schema/", "/api/docs/", "/api/redoc/", "/api/v1/nothing/", "/admin/login/"]


def directives(response: Any) -> set[str]:
    return set(re.split(r",\s*", response["Cache-Control"]))


def vary(response: Any) -> set[str]:
    return set(re.split(r",\s*", response.get("Vary", "")))


def calls() -> list[tuple[str, str]]:
    """Return the method and path of every operation; keys are of things that do not exist."""
    document = SchemaGenerator().get_schema(request=None, public=True)
    return [
        (method, re.sub(r"\{[^}]+\}", NO_KEY, path))
        for path, path_item in document["paths"].items()
        for method in path_item
    ]


def check_is_private(response: Any, what: str) -> None:
    found = directives(response)
    assert "private" in found, what
    assert found & {"no-cache", "no-store"}, what
    assert not [word for word in found if word.startswith(("public", "s-maxage"))], what
    assert "no-store" in found or {"Authorization", "Cookie"} <= vary(response), what


@pytest.mark.django_db
def test_no_answer_of_any_route_may_be_shared(sign_in, api_client: APIClient) -> None:
    admin = AdminFactory()

    routes = calls()

    assert routes
    for method, path in routes:
        for client in (sign_in(admin), api_client):
            check_is_private(getattr(client, method)(path), f"{method} {path}")


@pytest.mark.django_db
@pytest.mark.parametrize("path", PAGES)
def test_pages_and_unknown_routes_are_not_shared_either(api_client: APIClient, path: str) -> None:
    check_is_private(api_client.get(path, headers={"accept": "*/*"}), path)


@pytest.mark.urls("tests.integration.core.cache.urls")
def test_answer_is_kept_by_the_caller_who_asks_again(api_client: APIClient) -> None:
    response = api_client.get("/page/")

    assert directives(response) == {"private", "no-cache"}
    assert {"Authorization", "Cookie"} <= vary(response)


@pytest.mark.urls("tests.integration.core.cache.urls")
def test_answer_with_a_cookie_is_kept_by_nobody(api_client: APIClient) -> None:
    assert directives(api_client.get("/cookie/")) == {"private", "no-store"}


@pytest.mark.urls("tests.integration.core.cache.urls")
def test_view_that_declares_itself_public_is_left_alone(api_client: APIClient) -> None:
    response = api_client.get("/public/")

    assert directives(response) == {"public", "max-age=60"}
    assert not {"Authorization", "Cookie"} & vary(response)


@pytest.mark.urls("tests.integration.core.cache.urls")
def test_view_with_secrets_is_left_alone(api_client: APIClient) -> None:
    assert "no-store" in directives(api_client.get("/secret/"))
