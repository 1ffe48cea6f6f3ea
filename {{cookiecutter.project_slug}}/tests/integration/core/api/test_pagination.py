"""Lists come in pages of bounded size, newest first."""

from base64 import b64encode

import pytest
from rest_framework.test import APIClient

from core.api.pagination import KeysetPagination
from tests.contract import data, error_codes
from tests.factories.users import UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.integration.core.api.urls")]


def test_pages_hold_every_row_once_and_newest_first(api_client: APIClient) -> None:
    users = [UserFactory() for _ in range(5)]
    keys: list[str] = []
    url = "/paged/?page_size=2"
    sizes = []
    while url:
        page = data(api_client.get(url))
        keys += [row["id"] for row in page["results"]]
        sizes.append(len(page["results"]))
        url = page["next"]

    assert keys == [str(user.pk) for user in reversed(users)]
    assert sizes == [2, 2, 1]


def test_page_leads_back_to_the_one_before(api_client: APIClient) -> None:
    UserFactory.create_batch(3)
    first = data(api_client.get("/paged/?page_size=2"))

    second = data(api_client.get(first["next"]))

    assert data(api_client.get(second["previous"]))["results"] == first["results"]


def test_row_that_is_added_meanwhile_moves_no_page(api_client: APIClient) -> None:
    users = [UserFactory() for _ in range(3)]
    first = data(api_client.get("/paged/?page_size=2"))
    UserFactory()

    second = data(api_client.get(first["next"]))

    assert [row["id"] for row in second["results"]] == [str(users[0].pk)]


@pytest.mark.parametrize(
    ("asked", "size"),
    [("", 2), ("1", 1), ("3", 3), ("4", 3), ("1000000", 3), ("0", 2), ("-1", 2), ("many", 2)],
)
def test_size_of_a_page_is_bounded(
    api_client: APIClient, monkeypatch: pytest.MonkeyPatch, asked: str, size: int
) -> None:
    monkeypatch.setattr(KeysetPagination, "page_size", 2)
    monkeypatch.setattr(KeysetPagination, "max_page_size", 3)
    UserFactory.create_batch(5)

    page = data(api_client.get("/paged/", {"page_size": asked}))

    assert len(page["results"]) == size


@pytest.mark.parametrize("cursor", ["made-up", b64encode(b"p=abc").decode()])
def test_cursor_that_nobody_gave_out_is_refused(api_client: APIClient, cursor: str) -> None:
    response = api_client.get("/paged/", {"cursor": cursor})

    assert response.status_code == 404
    assert error_codes(response) == [("not_found", None)]


def test_page_costs_one_query(api_client: APIClient, django_assert_num_queries) -> None:
    UserFactory.create_batch(3)

    with django_assert_num_queries(1):
        api_client.get("/paged/?page_size=2")
