"""Every request has an id, which its answer carries and the code below it knows."""

from uuid import UUID

import pytest
from rest_framework.settings import api_settings
from rest_framework.test import APIClient

from core.identity.origin import Origin, current_origin
from tests.bodies import data

pytestmark = pytest.mark.urls("tests.integration.core.api.urls")


@pytest.mark.parametrize("asked", ["a", "A-z_0.9", "x" * 128])
def test_id_of_the_caller_is_kept(api_client: APIClient, asked: str) -> None:
    response = api_client.get("/origin/", headers={"x-request-id": asked})

    assert response["X-Request-ID"] == asked
    assert data(response)["request_id"] == asked


@pytest.mark.parametrize("asked", [None, "", "x" * 129, "a b", "a\nb", "a/b", "ä", "<script>"])
def test_id_that_is_missing_or_not_well_formed_is_made(
    api_client: APIClient, asked: str | None
) -> None:
    headers = {} if asked is None else {"x-request-id": asked}

    response = api_client.get("/origin/", headers=headers)

    assert UUID(response["X-Request-ID"]).version == 7
    assert data(response)["request_id"] == response["X-Request-ID"]


def test_request_is_a_part_of_the_trace_of_its_caller(api_client: APIClient) -> None:
    trace_id = "0af7651916cd43dd8448eb211c80319c"
    headers = {"traceparent": f"00-{trace_id}-b7ad6b7169203331-01", "tracestate": "vendor=1"}

    answer = data(api_client.get("/origin/", headers=headers))

    version, trace, span, flags = answer["traceparent"].split("-")
    assert (version, trace, flags, answer["tracestate"]) == ("00", trace_id, "01", "vendor=1")
    assert span != "b7ad6b7169203331"


def test_request_without_a_trace_begins_one(api_client: APIClient) -> None:
    first, second = (data(api_client.get("/origin/"))["traceparent"] for _ in range(2))

    assert first.split("-")[1] != second.split("-")[1]


def test_two_requests_have_two_ids(api_client: APIClient) -> None:
    first, second = (api_client.get("/origin/")["X-Request-ID"] for _ in range(2))

    assert first != second


@pytest.mark.parametrize(
    ("path", "host", "status"),
    [("/nothing/", "testserver", 404), ("/crash/", "testserver", 500), ("/", "evil.example", 400)],
)
def test_answer_outside_of_any_view_has_an_id(path: str, host: str, status: int) -> None:
    client = APIClient(raise_request_exception=False)

    response = client.get(path, headers={"host": host, "x-request-id": "mine"})

    assert (response.status_code, response["X-Request-ID"]) == (status, "mine")


@pytest.mark.parametrize(
    ("proxies", "forwarded", "direct", "known_as"),
    [
        (0, None, "192.0.2.1", "192.0.2.1"),
        (0, "198.51.100.7", "192.0.2.1", "192.0.2.1"),
        (1, "203.0.113.9, 198.51.100.7", "192.0.2.1", "198.51.100.7"),
        (2, "203.0.113.9, 198.51.100.7", "192.0.2.1", "203.0.113.9"),
        (2, "198.51.100.7", "192.0.2.1", "198.51.100.7"),
        (1, None, "192.0.2.1", "192.0.2.1"),
        (1, "2001:DB8::1", "192.0.2.1", "2001:db8::1"),
        (1, "made up", "192.0.2.1", None),
        (0, None, "fe80::1%eth0", "fe80::1"),
        (0, None, "", None),
    ],
)
def test_address_is_the_one_that_throttles_count_by(
    monkeypatch: pytest.MonkeyPatch,
    proxies: int,
    forwarded: str | None,
    direct: str,
    known_as: str | None,
) -> None:
    monkeypatch.setattr(api_settings, "NUM_PROXIES", proxies)
    headers = {"x-forwarded-for": forwarded} if forwarded else {}

    response = APIClient().get("/origin/", headers=headers, REMOTE_ADDR=direct)

    assert data(response)["remote_address"] == known_as


def test_origin_ends_with_the_request(api_client: APIClient) -> None:
    api_client.get("/origin/")

    assert current_origin() == Origin()


def test_pages_of_other_origins_may_send_and_read_the_id(api_client: APIClient, settings) -> None:
    settings.CORS_ALLOWED_ORIGINS = ["https://app.example.com"]
    origin = {"origin": "https://app.example.com"}

    asked = api_client.options(
        "/api/v1/", headers={**origin, "access-control-request-method": "GET"}
    )
    answered = api_client.get("/api/v1/", headers=origin)

    assert "x-request-id" in asked["Access-Control-Allow-Headers"].split(", ")
    assert "X-Request-ID" in answered["Access-Control-Expose-Headers"].split(", ")
