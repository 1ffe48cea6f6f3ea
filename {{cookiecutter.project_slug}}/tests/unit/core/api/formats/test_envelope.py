"""Every body comes in one envelope."""

import pytest
from rest_framework.test import APIClient

pytestmark = pytest.mark.urls("tests.integration.core.api.urls")


def test_answer_is_in_the_envelope(api_client: APIClient) -> None:
    order = {"email": "a@example.com", "lines": [{"quantity": 1}]}

    response = api_client.post("/echo/", order)

    assert response["Content-Type"] == "application/json"
    assert response.json() == {"success": True, "message": "", "data": order, "errors": []}


def test_error_is_in_the_envelope(api_client: APIClient) -> None:
    response = api_client.get("/fail/own-code/")

    assert response["Content-Type"] == "application/json"
    assert response.json() == {
        "success": False,
        "message": "No cup is left.",
        "data": None,
        "errors": [{"code": "out_of_stock", "detail": "No cup is left.", "attr": None}],
    }


def test_faults_of_the_input_have_one_message(api_client: APIClient) -> None:
    body = api_client.post("/echo/", {"email": "nobody", "lines": []}).json()

    assert (body["success"], body["message"]) == (False, "The input is not valid.")
    assert [error["attr"] for error in body["errors"]] == ["email"]


def test_unknown_route_is_answered_in_the_envelope(api_client: APIClient) -> None:
    body = api_client.get("/nothing/").json()

    assert (body["success"], body["message"]) == (False, "Not found.")


def test_answer_without_a_body_stays_empty(api_client: APIClient) -> None:
    response = api_client.delete("/echo/")

    assert response.status_code == 204
    assert response.content == b""
