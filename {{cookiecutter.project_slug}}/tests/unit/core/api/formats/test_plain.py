"""Bodies are bare, and errors are problem details."""

import pytest
from rest_framework.test import APIClient

pytestmark = pytest.mark.urls("tests.integration.core.api.urls")


def test_answer_is_what_the_view_returns(api_client: APIClient) -> None:
    order = {"email": "a@example.com", "lines": [{"quantity": 1}]}

    response = api_client.post("/echo/", order)

    assert response["Content-Type"] == "application/json"
    assert response.json() == order


def test_error_is_a_problem(api_client: APIClient) -> None:
    response = api_client.get("/fail/own-code/", headers={"x-request-id": "mine"})

    assert response["Content-Type"] == "application/problem+json"
    assert response.json() == {
        "type": "about:blank",
        "title": "Conflict",
        "status": 409,
        "detail": "No cup is left.",
        "instance": "/fail/own-code/",
        "code": "out_of_stock",
        "request_id": "mine",
        "errors": [{"code": "out_of_stock", "detail": "No cup is left."}],
    }


def test_faults_of_the_input_are_one_problem(api_client: APIClient) -> None:
    response = api_client.post("/echo/", {"email": "nobody", "lines": []})

    problem = response.json()
    assert response["Content-Type"] == "application/problem+json"
    assert (problem["title"], problem["status"]) == ("Bad Request", 400)
    assert (problem["detail"], problem["code"]) == ("The input is not valid.", "validation_error")
    assert problem["errors"] == [
        {"code": "invalid", "detail": "Enter a valid email address.", "pointer": "#/email"}
    ]


def test_refusal_of_a_service_that_is_about_a_field_keeps_its_own_code(
    api_client: APIClient,
) -> None:
    problem = api_client.get("/fail/refused-field/").json()

    assert (problem["code"], problem["detail"]) == ("application_error", "One cup at least.")
    assert problem["errors"] == [
        {
            "code": "application_error",
            "detail": "One cup at least.",
            "pointer": "#/lines/0/quantity",
        }
    ]


def test_unknown_route_is_a_problem(api_client: APIClient) -> None:
    response = api_client.get("/nothing/")

    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["title"] == "Not Found"


def test_answer_without_a_body_stays_empty(api_client: APIClient) -> None:
    response = api_client.delete("/echo/")

    assert response.status_code == 204
    assert response.content == b""
