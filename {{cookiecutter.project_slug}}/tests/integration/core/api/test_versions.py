"""Versions of the API stand side by side, each with its own description."""

from datetime import date
from typing import Any

import pytest
import yaml
from rest_framework.test import APIClient
from rest_framework.versioning import NamespaceVersioning

from core.api.deprecation import deprecated
from tests.bodies import data, error_codes
from tests.integration.core.api.versions import LINK

pytestmark = pytest.mark.urls("tests.integration.core.api.versions")

DEPRECATION = "@1798761600"  # 1 January 2027, 00:00:00 UTC.


@pytest.fixture(autouse=True)
def _second_version(monkeypatch: pytest.MonkeyPatch) -> None:
    """Allow v2, which in a service is one word in its settings."""
    monkeypatch.setattr(NamespaceVersioning, "allowed_versions", ["v1", "v2"])


def described(client: APIClient, path: str) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(client.get(path).content)
    return document


def test_versions_answer_side_by_side(api_client: APIClient) -> None:
    first, second = (data(api_client.get(f"/api/{version}/cup/")) for version in ("v1", "v2"))

    assert first == {"size": "large", "url": "http://testserver/api/v1/cup/"}
    assert second == {"volume_ml": 300, "url": "http://testserver/api/v2/cup/"}


def test_version_that_is_not_allowed_is_not_found(
    api_client: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(NamespaceVersioning, "allowed_versions", ["v1"])

    response = api_client.get("/api/v2/cup/")

    assert response.status_code == 404
    assert error_codes(response) == [("not_found", None)]


@pytest.mark.parametrize(
    ("schema", "path", "component"),
    [
        ("/api/schema/", "/api/v1/cup/", "CupOutputV1"),
        ("/api/v2/schema/", "/api/v2/cup/", "CupOutput"),
    ],
)
def test_each_version_has_a_description_of_its_own(
    api_client: APIClient, schema: str, path: str, component: str
) -> None:
    document = described(api_client, schema)

    jug = path.replace("cup", "jug")
    assert set(document["paths"]) == {path, jug}
    answers = set(document["components"]["schemas"]) & {"CupOutput", "CupOutputV1"}
    assert answers == {component}


# Deprecation


@pytest.mark.parametrize(("method", "status"), [("get", 200), ("post", 409), ("put", 405)])
def test_deprecated_view_says_so_in_every_answer(
    api_client: APIClient, method: str, status: int
) -> None:
    response = getattr(api_client, method)("/api/v1/cup/")

    assert response.status_code == status
    assert response["Deprecation"] == DEPRECATION
    assert response["Sunset"] == "Thu, 01 Jul 2027 00:00:00 GMT"
    assert response["Link"] == f'<{LINK}>; rel="deprecation"'


def test_view_that_the_deprecated_one_derives_from_is_not_deprecated(
    api_client: APIClient,
) -> None:
    response = api_client.get("/api/v2/cup/")

    assert not {"Deprecation", "Sunset", "Link"} & set(response.headers)


@pytest.mark.parametrize(("query", "status"), [("", 204), ("?full", 409)])
def test_deprecated_method_says_so_in_its_answers(
    api_client: APIClient, query: str, status: int
) -> None:
    response = api_client.post(f"/api/v1/jug/{query}")

    assert response.status_code == status
    assert response["Deprecation"] == DEPRECATION
    assert "Sunset" not in response
    assert response["Link"].endswith(f'<{LINK}>; rel="deprecation"')


def test_deprecation_stands_beside_the_links_of_an_answer(api_client: APIClient) -> None:
    response = api_client.post("/api/v1/jug/")

    assert response["Link"] == f'</jugs/2/>; rel="next", <{LINK}>; rel="deprecation"'


def test_other_methods_of_the_view_are_not_deprecated(api_client: APIClient) -> None:
    api_client.post("/api/v1/jug/")

    assert "Deprecation" not in api_client.get("/api/v1/jug/")


def test_description_marks_what_is_deprecated(api_client: APIClient) -> None:
    paths = described(api_client, "/api/schema/")["paths"]

    cup, jug = paths["/api/v1/cup/"], paths["/api/v1/jug/"]
    marked = [operation.get("deprecated", False) for operation in (*cup.values(), *jug.values())]
    # The gate against breaking changes lets an operation go by this day.
    assert {cup[method].get("x-sunset") for method in cup} == {"2027-07-01"}
    assert marked == [True, True, False, True]
    assert {"Deprecation", "Sunset", "Link"} <= set(cup["get"]["responses"]["200"]["headers"])
    headers = set(jug["post"]["responses"]["204"]["headers"])
    assert headers & {"Deprecation", "Sunset", "Link"} == {"Deprecation", "Link"}
    assert "deprecated" not in described(api_client, "/api/v2/schema/")["paths"]["/api/v2/cup/"]


def test_sunset_before_the_deprecation_is_refused() -> None:
    with pytest.raises(ValueError, match="2026-12-31 is before the deprecation 2027-01-01"):
        deprecated(since=date(2027, 1, 1), sunset=date(2026, 12, 31), link=LINK)


@pytest.mark.parametrize("link", ["https://a.example/>; rel=x", "a\nb", "https://ä.example", 'a"b'])
def test_link_that_cannot_stand_in_a_header_is_refused(link: str) -> None:
    with pytest.raises(ValueError, match="is no URL"):
        deprecated(since=date(2027, 1, 1), link=link)
