"""Whatever goes wrong is answered in one contract."""

import logging
from collections.abc import Callable
from io import StringIO

import pytest
from django.core.cache import cache
from django.http import HttpResponse
from rest_framework.exceptions import ValidationError
from rest_framework.test import APIClient

from core.api.formats.faults import faults_of
from tests.bodies import check_contract, error_codes
from tests.factories.users import UserFactory
from tests.integration.core.api.urls import SECRET

FORM = "application/x-www-form-urlencoded"

pytestmark = pytest.mark.urls("tests.integration.core.api.urls")


@pytest.fixture
def client() -> APIClient:
    """Return a client that gets answers to crashes, as clients of a server do."""
    return APIClient(raise_request_exception=False)


def check(response: HttpResponse, status: int, code: str, attr: str | None = None) -> None:
    """See that ``response`` names one fault, in the shape that every error has."""
    check_contract(response, status)
    assert error_codes(response) == [(code, attr)]
    [error] = response.json()["errors"]
    assert error["detail"]
    assert SECRET not in response.content.decode()


@pytest.mark.parametrize(
    ("failure", "status", "code", "attr"),
    [
        ("not-found", 404, "not_found", None),
        ("forbidden", 403, "permission_denied", None),
        ("conflict", 409, "conflict", None),
        ("own-code", 409, "out_of_stock", None),
        ("own-code-field", 409, "out_of_stock", "lines.1"),
        ("refused", 400, "application_error", None),
        ("refused-field", 400, "application_error", "lines.0.quantity"),
        ("django-404", 404, "not_found", None),
        ("django-403", 403, "permission_denied", None),
        ("django-400", 400, "parse_error", None),
    ],
)
def test_exception_of_a_service_or_of_django_has_its_status_and_code(
    client: APIClient, failure: str, status: int, code: str, attr: str | None
) -> None:
    check(client.get(f"/fail/{failure}/"), status, code, attr)


def test_message_of_a_service_reaches_the_client(client: APIClient) -> None:
    [error] = client.get("/fail/own-code/").json()["errors"]

    assert error["detail"] == "No cup is left."


@pytest.mark.parametrize("path", ["/fail/crash/", "/crash/"])
def test_crash_is_logged_and_tells_the_client_nothing(
    client: APIClient, caplog: pytest.LogCaptureFixture, path: str
) -> None:
    response = client.get(path)

    check(response, 500, "error")
    assert "Traceback" not in response.content.decode()
    errors = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert [record.name for record in errors] == ["django.request"]
    assert errors[0].exc_info is not None
    assert str(errors[0].exc_info[1]) == SECRET


def test_refusal_outside_of_the_api(client: APIClient) -> None:
    check(client.get("/deny/"), 403, "permission_denied")


@pytest.mark.parametrize("path", ["/nothing/", "/api/v1/nothing/", "/api/nothing"])
def test_unknown_route(client: APIClient, path: str) -> None:
    check(client.get(path), 404, "not_found")


def test_foreign_host(client: APIClient) -> None:
    check(client.get("/echo/", headers={"host": "evil.example"}), 400, "parse_error")


def test_method_that_is_not_there(client: APIClient) -> None:
    response = client.get("/echo/")

    check(response, 405, "method_not_allowed")
    assert response["Allow"] == "POST, DELETE, OPTIONS"


def test_other_content_than_json(client: APIClient) -> None:
    response = client.post("/echo/", "email=a@example.com", content_type="text/plain")

    check(response, 415, "unsupported_media_type")


def test_malformed_json(client: APIClient) -> None:
    response = client.post("/echo/", '{"email": ', content_type="application/json")

    check(response, 400, "parse_error")


def test_format_that_is_not_there(client: APIClient) -> None:
    check(client.post("/echo/", headers={"accept": "text/html"}), 406, "not_acceptable")


def test_every_fault_of_the_input_is_named_with_its_path(client: APIClient) -> None:
    response = client.post("/echo/", {"lines": [{"quantity": 1}, {"quantity": 0}, {}]})

    assert response.status_code == 400
    assert error_codes(response) == [
        ("required", "email"),
        ("min_value", "lines.1.quantity"),
        ("required", "lines.2.quantity"),
    ]


def test_input_of_another_type_than_an_object(client: APIClient) -> None:
    check(client.post("/echo/", [], format="json"), 400, "invalid", "")


def test_caller_who_has_not_signed_in(client: APIClient, db: None) -> None:
    response = client.get("/closed/")

    check(response, 401, "not_authenticated")
    assert response["WWW-Authenticate"]


def test_caller_who_may_not(sign_in: Callable[..., APIClient], db: None) -> None:
    check(sign_in(UserFactory()).get("/closed/"), 403, "permission_denied")


def test_form_without_csrf_token(db: None) -> None:
    check(APIClient(enforce_csrf_checks=True).post("/admin/login/"), 403, "csrf_failed")


def test_too_many_requests_are_told_when_to_come_back(client: APIClient) -> None:
    cache.clear()
    order = {"email": "a@example.com", "lines": []}
    assert client.post("/throttled/", order).status_code == 200

    response = client.post("/throttled/", order)

    check(response, 429, "throttled")
    assert 0 < int(response["Retry-After"]) <= 60


@pytest.mark.parametrize("size", [101, 100_000])
def test_body_that_is_too_large_is_refused(client: APIClient, settings, size: int) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100

    response = client.post("/echo/", f'"{"x" * (size - 2)}"', content_type="application/json")

    check(response, 413, "too_large")


def test_body_of_just_the_limit_is_read(client: APIClient, settings) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100

    response = client.post("/echo/", f'"{"x" * 98}"', content_type="application/json")

    check(response, 400, "invalid", "")


def test_body_is_read_whatever_its_size_without_a_limit(client: APIClient, settings) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = None

    response = client.post("/echo/", f'"{"x" * 3_000_000}"', content_type="application/json")

    check(response, 400, "invalid", "")


def test_body_that_is_larger_than_it_says_is_read_as_far_as_it_says(client: APIClient) -> None:
    body = '{"email": "a@example.com", "lines": []}'

    response = client.generic(
        "POST", "/echo/", body, content_type="application/json", CONTENT_LENGTH="10"
    )

    check(response, 400, "parse_error")


@pytest.mark.parametrize("path", ["/api/v1/nothing/", "/api/schema/"])
def test_body_without_a_length_is_refused(client: APIClient, path: str) -> None:
    response = client.generic(
        "POST", path, headers={"transfer-encoding": "chunked"}, CONTENT_LENGTH=""
    )

    check(response, 411, "length_required")


def test_form_that_is_too_large_is_refused_outside_of_the_api(client: APIClient, settings) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100

    response = client.post("/form/", "a=" + "x" * 100, content_type=FORM)

    check(response, 413, "too_large")


def test_too_many_parameters_are_refused(client: APIClient, settings, db: None) -> None:
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 3

    check(client.get("/paged/?a=1&b=2&c=3&d=4"), 400, "too_many_fields")


def test_too_many_fields_of_a_form_are_refused(client: APIClient, settings) -> None:
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 3

    check(client.post("/form/", "a=1&b=2&c=3&d=4", content_type=FORM), 400, "too_many_fields")


def test_too_many_files_of_a_form_are_refused(client: APIClient, settings) -> None:
    settings.DATA_UPLOAD_MAX_NUMBER_FILES = 1
    files = {"a": StringIO("a"), "b": StringIO("b")}

    response = client.post("/form/", files, format="multipart")

    check(response, 400, "too_many_files")
    assert response.json()["errors"][0]["detail"] == (
        "The request has too many files. Send at most 1."
    )


def test_form_that_is_malformed_is_refused(client: APIClient) -> None:
    response = client.post("/form/", "", content_type="multipart/form-data; boundary=")

    check(response, 400, "parse_error")


@pytest.mark.parametrize(
    ("refusal", "status", "code"),
    [
        ("bare-400", 400, "parse_error"),
        ("bare-403", 403, "permission_denied"),
        ("bare-404", 404, "not_found"),
        ("bare-405", 405, "method_not_allowed"),
        ("bare-410", 410, "gone"),
        ("bare-500", 500, "error"),
        ("bare-503", 503, "service_unavailable"),
        ("returned-400", 400, "parse_error"),
        ("returned-418", 418, "i'm_a_teapot"),
    ],
)
def test_refusal_of_other_makers_below_api_is_put_into_the_contract(
    client: APIClient, refusal: str, status: int, code: str
) -> None:
    response = client.get(f"/api/{refusal}/")

    check(response, status, code)
    assert response["X-Kept"] == "yes"
    assert response.cookies["kept"].value == "yes"


@pytest.mark.parametrize(
    ("path", "host", "status", "code"),
    [
        ("/api/v1/nothing/", "testserver", 404, "not_found"),
        ("/api/crash/", "testserver", 500, "error"),
        ("/api/v1/nothing/", "evil.example", 400, "parse_error"),
    ],
)
def test_development_has_the_same_errors_below_api(
    settings, path: str, host: str, status: int, code: str
) -> None:
    settings.DEBUG = True
    client = APIClient(raise_request_exception=False)

    check(client.get(path, headers={"host": host}), status, code)


@pytest.mark.parametrize("path", ["/api/docs/", "/api/redoc/", "/api/schema/"])
def test_pages_for_people_refuse_in_the_contract(client: APIClient, path: str) -> None:
    response = client.put(path)

    check(response, 405, "method_not_allowed")
    assert response["Allow"] == "GET, HEAD, OPTIONS"


def test_fault_of_the_query_names_its_parameter(client: APIClient) -> None:
    response = client.get("/fail/parameter/")

    check(response, 400, "invalid_choice", "colour")
    assert response.json()["errors"][0]["parameter"] == "colour"


@pytest.mark.parametrize(
    ("field", "pointer"),
    [
        ("plain", "#/plain"),
        ("a/b", "#/a~1b"),
        ("a~b", "#/a~0b"),
        ("a b", "#/a%20b"),
        ("ä%", "#/%C3%A4%25"),
        ("\ud800", "#/?"),
        ("non_field_errors", "#"),
    ],
)
def test_pointer_is_escaped_as_a_fragment(field: str, pointer: str) -> None:
    assert faults_of(ValidationError({field: "Wrong."})) == [
        {"code": "invalid", "detail": "Wrong.", "pointer": pointer}
    ]


def test_json_that_is_nested_too_deep_is_refused(client: APIClient) -> None:
    response = client.post("/echo/", "[" * 100_000, content_type="application/json")

    check(response, 400, "too_deep")
