"""Many things in one request: all of them, or none."""

from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model
from rest_framework.test import APIClient

from tests.bodies import data, error_codes
from tests.factories.users import UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.integration.core.api.bulk_urls")]

URL = "/accounts/bulk/"
ANN = {"email": "a@example.com", "first_name": "Ann"}
BEA = {"email": "b@example.com", "first_name": "Bea"}
Account = get_user_model()


def names() -> list[str]:
    return list(Account.objects.order_by("id").values_list("first_name", flat=True))


def test_items_are_created_and_answered_in_their_order(api_client: APIClient) -> None:
    response = api_client.post(URL, {"items": [BEA, ANN]})

    assert response.status_code == 201
    assert [row["first_name"] for row in data(response)["items"]] == ["Bea", "Ann"]
    assert names() == ["Bea", "Ann"]


def test_items_are_changed_and_answered_in_their_order(api_client: APIClient) -> None:
    users = UserFactory.create_batch(3)
    items = [
        {"id": str(users[2].pk), "first_name": "Bea"},
        {"id": str(users[0].pk), "first_name": "Ann"},
    ]

    response = api_client.patch(URL, {"items": items})

    assert response.status_code == 200
    assert data(response) == {"items": items}
    assert names() == ["Ann", users[1].first_name, "Bea"]


def delete(client: APIClient, ids: list[Any], confirmed: str | None = None) -> Any:
    """Delete ``ids``, and confirm their number unless ``confirmed`` says another."""
    count = str(len(ids)) if confirmed is None else confirmed
    return client.delete(URL, {"ids": ids}, headers={"X-Confirm-Delete": count})


def test_ids_are_deleted(api_client: APIClient) -> None:
    users = UserFactory.create_batch(3)

    response = delete(api_client, [users[2].pk, users[0].pk])

    assert response.status_code == 204
    assert response.content == b""
    assert list(Account.objects.all()) == [users[1]]


def test_every_fault_of_every_item_is_told_at_once(api_client: APIClient) -> None:
    items = [
        ANN,
        {"email": "nowhere", "first_name": "Much too long"},
        {"email": "root@example.com", "first_name": "root"},
        "Ann",
        {"email": "bea@example.com", "first_name": "bea"},
        BEA | {"first_name": "root"},
        {},
    ]

    response = api_client.post(URL, {"items": items})

    assert response.status_code == 400
    assert error_codes(response) == [
        ("invalid", "items.1.email"),
        ("max_length", "items.1.first_name"),
        ("telling", "items.2"),
        ("invalid", "items.3"),
        ("telling", "items.4"),
        ("reserved", "items.5.first_name"),
        ("required", "items.6.email"),
        ("required", "items.6.first_name"),
    ]
    assert names() == []


def test_form_alone_refuses_all(api_client: APIClient) -> None:
    response = api_client.post(URL, {"items": [ANN, {}, BEA]})

    assert response.status_code == 400
    assert names() == []


def test_rules_alone_refuse_all_with_their_own_status(api_client: APIClient) -> None:
    response = api_client.post(URL, {"items": [ANN, BEA | {"first_name": "root"}]})

    assert response.status_code == 409
    assert error_codes(response) == [("reserved", "items.1.first_name")]
    assert names() == []


def test_unknown_and_malformed_ids_are_told_at_once(api_client: APIClient) -> None:
    user = UserFactory()

    response = delete(api_client, [user.pk, uuid4(), "one"])

    assert response.status_code == 400
    assert error_codes(response) == [("not_found", "ids.1"), ("invalid", "ids.2")]
    assert list(Account.objects.all()) == [user]


def test_faults_of_one_kind_have_its_status(api_client: APIClient) -> None:
    response = delete(api_client, [uuid4(), uuid4()])

    assert response.status_code == 404
    assert error_codes(response) == [("not_found", "ids.0"), ("not_found", "ids.1")]


@pytest.mark.parametrize(
    ("body", "code", "attr"),
    [
        ({}, "required", "items"),
        ({"items": None}, "null", "items"),
        ({"items": {"0": ANN}}, "not_a_list", "items"),
        ({"items": "Ann"}, "not_a_list", "items"),
        ({"items": []}, "empty", "items"),
        ([ANN], "invalid", ""),
    ],
)
@pytest.mark.parametrize("method", ["post", "patch"])
def test_body_without_items_is_refused(
    api_client: APIClient, method: str, body: Any, code: str, attr: str
) -> None:
    response = getattr(api_client, method)(URL, body)

    assert response.status_code == 400
    assert error_codes(response) == [(code, attr)]


@pytest.mark.parametrize(("method", "name"), [("post", "items"), ("patch", "items")])
def test_items_are_counted_before_they_are_looked_at(
    api_client: APIClient, settings: Any, method: str, name: str
) -> None:
    settings.BULK_MAX_ITEMS = 2

    response = getattr(api_client, method)(URL, {name: [{}] * 3})

    assert response.status_code == 413
    assert error_codes(response) == [("too_many_items", name)]


def test_ids_are_counted_before_they_are_looked_at(api_client: APIClient, settings: Any) -> None:
    settings.BULK_MAX_ITEMS = 2

    response = delete(api_client, [1, 2, 3])

    assert response.status_code == 413
    assert error_codes(response) == [("too_many_items", "ids")]


def test_as_many_items_as_allowed_are_taken(api_client: APIClient, settings: Any) -> None:
    settings.BULK_MAX_ITEMS = 2

    assert api_client.post(URL, {"items": [ANN, BEA]}).status_code == 201


def test_deleting_without_confirmation_is_refused(api_client: APIClient) -> None:
    user = UserFactory()

    response = api_client.delete(URL, {"ids": [user.pk]})

    assert response.status_code == 428
    assert error_codes(response) == [("confirmation_required", None)]
    assert list(Account.objects.all()) == [user]


@pytest.mark.parametrize("confirmed", ["0", "2", "", "one", "1.0"])
def test_confirmation_of_another_number_is_refused(api_client: APIClient, confirmed: str) -> None:
    user = UserFactory()

    response = delete(api_client, [user.pk], confirmed)

    assert response.status_code == 412
    assert error_codes(response) == [("confirmation_mismatch", None)]
    assert list(Account.objects.all()) == [user]
