"""The API describes itself, errors included, and shows that to people without other servers."""

from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from rest_framework.test import APIClient


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    """Return the OpenAPI document."""
    from drf_spectacular.generators import SchemaGenerator  # noqa: PLC0415 (needs the settings)

    document: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    return document


def test_schema_is_valid_and_made_without_a_warning(tmp_path: Path) -> None:
    file = tmp_path / "schema.yaml"

    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(file))

    assert "openapi: 3.1" in file.read_text()


def test_every_operation_describes_its_errors(schema: dict[str, Any]) -> None:
    operations = [
        operation for path_item in schema["paths"].values() for operation in path_item.values()
    ]

    assert operations
    for operation in operations:
        [content] = operation["responses"]["default"]["content"].values()
        component = content["schema"]["$ref"].rpartition("/")[2]
        errors = schema["components"]["schemas"][component]["properties"]["errors"]
        assert set(errors["items"]["properties"]) == {"code", "detail", "attr"}


def test_schema_is_served_to_everybody(api_client: APIClient) -> None:
    response = api_client.get("/api/schema/")

    assert response.status_code == 200
    assert response["Content-Type"].startswith("application/vnd.oai.openapi")


class Assets(HTMLParser):
    """The addresses of what a page loads."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"link", "script", "img"}:
            self.found += [value for name, value in attrs if name in {"src", "href"} and value]


@pytest.mark.parametrize("path", ["/api/docs/", "/api/redoc/"])
def test_pages_for_people_load_nothing_from_other_servers(api_client: APIClient, path: str) -> None:
    response = api_client.get(path, headers={"accept": "text/html"})

    assert response.status_code == 200
    assets = Assets()
    assets.feed(response.content.decode())
    assert assets.found
    assert all(asset.startswith("/") and not asset.startswith("//") for asset in assets.found)
    assert "https://" not in response.content.decode()
