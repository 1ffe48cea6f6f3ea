"""Lists come in pages of bounded size, newest first or as the caller likes."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from rest_framework.test import APIClient
from zeal import NPlusOneError

from core.api.cursors import Cursor, cursor_decode, cursor_encode
from core.api.pagination import KeysetPagination
from tests.bodies import check_contract, data, error_codes
from tests.factories.users import UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.integration.core.api.urls")]

EARLY = datetime(2026, 1, 1, tzinfo=UTC)
# Few values, so that many rows are equal in them.
ROWS = st.lists(
    st.tuples(
        st.sampled_from(["", "a", "b", "bb"]),
        st.sampled_from([None, EARLY, EARLY + timedelta(microseconds=1)]),
    ),
    max_size=9,
)
ORDERINGS = [
    *("id", "-id", "first_name", "-first_name", "last_login", "-last_login", "letters", "-letters"),
]


def keys_of(page: dict[str, Any]) -> list[str]:
    return [row["id"] for row in page["results"]]


def pages_from(client: APIClient, url: str, link: str) -> list[list[str]]:
    """Return the keys on the page at ``url`` and on those that ``link`` leads to from there."""
    pages = []
    while url:
        page = data(client.get(url))
        pages.append(keys_of(page))
        url = page[link]
    return pages


def last_page(client: APIClient, url: str) -> str:
    """Return the address of the last page of the list that begins at ``url``."""
    while following := data(client.get(url))["next"]:
        url = following
    return url


def in_order(users: list[Any], ordering: str) -> list[str]:
    """Return the keys of ``users`` as a list in ``ordering`` has them; no value is the last."""
    field = ordering.removeprefix("-")
    values = {
        "id": lambda user: (),
        "first_name": lambda user: user.first_name,
        "last_login": lambda user: (user.last_login is None, user.last_login or EARLY),
        "letters": lambda user: len(user.first_name),
    }
    users = sorted(users, key=lambda user: (values[field](user), user.pk))
    if ordering.startswith("-"):
        users.reverse()
    return [str(user.pk) for user in users]


@settings(max_examples=15, deadline=None, derandomize=True)
@given(rows=ROWS, size=st.integers(1, 4), ordering=st.sampled_from(ORDERINGS))
def test_pages_hold_every_row_once_and_in_order_forwards_and_backwards(
    rows: list[tuple[str, datetime | None]], size: int, ordering: str
) -> None:
    client = APIClient()
    url = f"/paged/?page_size={size}&ordering={ordering}"
    with transaction.atomic():
        users = get_user_model().objects.bulk_create(
            UserFactory.build(first_name=name, last_login=login) for name, login in rows
        )

        forwards = pages_from(client, url, "next")
        backwards = pages_from(client, last_page(client, url), "previous")

        transaction.set_rollback(True)
    expected = in_order(users, ordering)
    # A list without rows has one page all the same.
    assert forwards == [expected[i : i + size] for i in range(0, max(len(expected), 1), size)]
    assert [key for page in reversed(backwards) for key in page] == expected
    assert all(len(page) <= size for page in backwards)


@settings(max_examples=50, deadline=None, derandomize=True)
@given(
    cursor=st.builds(Cursor, st.none() | st.text(), st.text(), st.booleans()),
    scope=st.text(),
    other_scope=st.text(),
)
def test_cursor_comes_back_as_it_was_and_only_where_it_belongs(
    cursor: Cursor, scope: str, other_scope: str
) -> None:
    text = cursor_encode(cursor, scope=scope)

    assert cursor_decode(text, scope=scope) == cursor
    if other_scope != scope:
        with pytest.raises(ValueError, match=re.escape(text)):
            cursor_decode(text, scope=other_scope)


@settings(max_examples=30, deadline=None, derandomize=True)
@given(
    place=st.integers(0, 10_000), character=st.characters(codec="utf-8"), replaced=st.integers(0, 1)
)
def test_cursor_that_was_tampered_with_is_refused(
    place: int, character: str, replaced: int
) -> None:
    row = "019a9f3c-5d0e-7c41-9d0c-2f0f5f4f8a11"
    cursor = cursor_encode(Cursor(row, row), scope="/paged/:id:True")
    place %= len(cursor)
    tampered = cursor[:place] + character + cursor[place + replaced :]
    if tampered == cursor:
        return
    assert APIClient().get("/paged/", {"cursor": cursor}).status_code == 200

    response = APIClient().get("/paged/", {"cursor": tampered})

    check_contract(response, 400)
    assert error_codes(response) == [("invalid_cursor", "cursor")]


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

    assert keys_of(second) == [str(users[0].pk)]


def test_row_that_a_cursor_stands_on_may_go(api_client: APIClient) -> None:
    users = [UserFactory(first_name="same") for _ in range(3)]
    first = data(api_client.get("/paged/?page_size=2&ordering=first_name"))
    users[1].delete()

    second = data(api_client.get(first["next"]))

    assert keys_of(second) == [str(users[2].pk)]


@pytest.mark.parametrize(("asked", "size"), [({}, 2), ({"page_size": 1}, 1), ({"page_size": 3}, 3)])
def test_size_of_a_page_can_be_chosen(
    api_client: APIClient, monkeypatch: pytest.MonkeyPatch, asked: dict[str, int], size: int
) -> None:
    monkeypatch.setattr(KeysetPagination, "page_size", 2)
    monkeypatch.setattr(KeysetPagination, "max_page_size", 3)
    UserFactory.create_batch(5)

    page = data(api_client.get("/paged/", asked))

    assert len(page["results"]) == size


@pytest.mark.parametrize("asked", ["", "0", "-1", "201", "9" * 5000, "1.5", "many", "²"])
def test_size_that_is_none_is_refused(api_client: APIClient, asked: str) -> None:
    response = api_client.get("/paged/", {"page_size": asked})

    check_contract(response, 400)
    assert error_codes(response) == [("invalid_page_size", "page_size")]
    assert response.json()["errors"][0]["detail"] == "Use a whole number from 1 to 200."


@pytest.mark.parametrize("asked", ["", "email", "-", "--id", "id,-id", "created_by__password"])
def test_ordering_that_is_not_allowed_is_refused(api_client: APIClient, asked: str) -> None:
    response = api_client.get("/paged/", {"ordering": asked})

    check_contract(response, 400)
    assert error_codes(response) == [("unknown_ordering", "ordering")]
    assert response.json()["errors"][0]["detail"] == (
        "Use one of: -id, id, first_name, -first_name, last_login, -last_login, letters, -letters."
    )


@pytest.mark.parametrize(
    "url", ["/paged/other/?", "/paged/?ordering=first_name&", "/paged/?ordering=id&"]
)
def test_cursor_of_another_list_or_ordering_is_refused(api_client: APIClient, url: str) -> None:
    UserFactory.create_batch(2)
    cursor = data(api_client.get("/paged/?page_size=1"))["next"].rpartition("?")[2]

    response = api_client.get(url + cursor)

    check_contract(response, 400)
    assert error_codes(response) == [("invalid_cursor", "cursor")]


@pytest.mark.parametrize("ordering", ORDERINGS)
def test_page_costs_one_query(
    api_client: APIClient, django_assert_num_queries, ordering: str
) -> None:
    UserFactory.create_batch(4)
    second = data(api_client.get(f"/paged/?page_size=2&ordering={ordering}"))["next"]

    with django_assert_num_queries(1):
        api_client.get(second)


def test_code_that_asks_once_for_each_row_fails(api_client: APIClient) -> None:
    maker = UserFactory()
    UserFactory.create_batch(3, created_by=maker)

    with pytest.raises(NPlusOneError, match=r"N\+1 detected on users\.User\.created_by"):
        api_client.get("/careless/")
