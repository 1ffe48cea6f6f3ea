"""Every body comes in one envelope."""

import pytest
from rest_framework.test import APIClient

from tests.factories.users import UserFactory

pytestmark = pytest.mark.urls("tests.integration.core.api.urls")


def test_answer_is_in_the_envelope(api_client: APIClient) -> None:
    order = {"email": "a@example.com", "lines": [{"quantity": 1}]}

    response = api_client.post("/echo/", order, headers={"x-request-id": "mine"})

    assert response["Content-Type"] == "application/json"
    assert response.json() == {
        "success": True,
        "message": "",
        "data": order,
        "errors": [],
        "meta": {"request_id": "mine"},
    }


@pytest.mark.django_db
def test_page_has_its_rows_as_data_and_its_links_beside_them(api_client: APIClient) -> None:
    newest = UserFactory.create_batch(2)[-1]

    body = api_client.get("/paged/?page_size=1&fields=id").json()

    assert body["data"] == [{"id": str(newest.pk)}]
    assert set(body["meta"]) == {"request_id", "pagination"}
    assert body["meta"]["pagination"]["previous"] is None
    assert body["meta"]["pagination"]["next"].startswith("http://testserver/paged/?cursor=")


def test_error_is_in_the_envelope(api_client: APIClient) -> None:
    response = api_client.get("/fail/own-code/", headers={"x-request-id": "mine"})

    assert response["Content-Type"] == "application/json"
    assert response.json() == {
        "success": False,
        "message": "No cup is left.",
        "data": None,
        "errors": [{"code": "out_of_stock", "detail": "No cup is left."}],
        "meta": {"request_id": "mine"},
    }


def test_faults_of_the_input_have_one_message(api_client: APIClient) -> None:
    body = api_client.post("/echo/", {"email": "nobody", "lines": []}).json()

    assert (body["success"], body["message"]) == (False, "The input is not valid.")
    assert body["errors"] == [
        {"code": "invalid", "detail": "Enter a valid email address.", "pointer": "#/email"}
    ]


def test_unknown_route_is_answered_in_the_envelope(api_client: APIClient) -> None:
    body = api_client.get("/nothing/").json()

    assert (body["success"], body["message"]) == (False, "Not found.")


def test_answer_without_a_body_stays_empty(api_client: APIClient) -> None:
    response = api_client.delete("/echo/")

    assert response.status_code == 204
    assert response.content == b""
