"""Callers read what they ask for."""

import pytest
from rest_framework.test import APIClient

from tests.bodies import check_contract, data, error_codes
from tests.factories.users import UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.integration.core.api.urls")]


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ({}, {"id", "first_name", "actor"}),
        ({"fields": "id"}, {"id"}),
        ({"fields": "first_name,id,id"}, {"id", "first_name"}),
    ],
)
def test_rows_and_details_have_what_was_asked_for(
    api_client: APIClient, asked: dict[str, str], names: set[str]
) -> None:
    user = UserFactory()

    [row] = data(api_client.get("/paged/", asked))["results"]
    detail = data(api_client.get(f"/paged/{user.pk}/", asked))

    assert set(row) == set(detail) == names


def test_output_within_another_comes_whole(api_client: APIClient) -> None:
    user = UserFactory(created_by=UserFactory())

    detail = data(api_client.get(f"/paged/{user.pk}/?fields=actor"))

    assert set(detail) == {"actor"}
    assert set(detail["actor"]) == {"id", "email"}


@pytest.mark.parametrize("asked", ["", "password", "id,", "id,actor.email", "ID", " id"])
@pytest.mark.parametrize("rows", [0, 1])
def test_field_that_is_not_there_is_refused(api_client: APIClient, asked: str, rows: int) -> None:
    UserFactory.create_batch(rows)

    response = api_client.get("/paged/", {"fields": asked})

    check_contract(response, 400)
    assert error_codes(response) == [("unknown_field", "fields")]
    assert response.json()["errors"][0]["detail"] == (
        "Use some of: id, first_name, actor; with commas between them."
    )


def test_write_answers_with_everything(api_client: APIClient) -> None:
    user = UserFactory()

    detail = data(api_client.post(f"/paged/{user.pk}/?fields=nonsense"))

    assert set(detail) == {"id", "first_name", "actor"}
