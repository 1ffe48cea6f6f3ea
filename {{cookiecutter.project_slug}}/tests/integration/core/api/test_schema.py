"""The API describes itself, errors included, and shows that to people without other servers."""

from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012
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


def test_committed_description_is_current(tmp_path: Path) -> None:
    committed = settings.PROJECT_DIR / "openapi.yaml"
    file = tmp_path / "openapi.yaml"

    call_command("spectacular", "--file", str(file))

    is_current = committed.is_file() and committed.read_bytes() == file.read_bytes()
    assert is_current, "openapi.yaml is not current: run `make schema`, and read what changes."


def test_every_operation_describes_its_errors(schema: dict[str, Any]) -> None:
    operations = [
        operation for path_item in schema["paths"].values() for operation in path_item.values()
    ]

    assert operations
    refusals = schema["components"]["responses"]
    for operation in operations:
        responses = operation["responses"]
        failures = {status: body for status, body in responses.items() if status[0] in "45d"}
        names = {status: body["$ref"].rpartition("/")[2] for status, body in failures.items()}
        assert {"400", "406", "429", "500", "default"} <= set(names)
        assert {"411", "413", "415"} & set(names) == (
            {"411", "413", "415"} if "requestBody" in operation else set()
        )
        assert set(names.values()) <= set(refusals)
        for response in responses.values():
            headers = (
                refusals[response["$ref"].rpartition("/")[2]] if "$ref" in response else response
            )
            assert "X-Request-ID" in headers["headers"]


def test_refusal_that_a_view_declares_is_described(schema: dict[str, Any]) -> None:
    # % if cookiecutter.auth == "jwt"
    responses = schema["paths"]["/api/v1/auth/token/"]["post"]["responses"]
    assert responses["401"] == {"$ref": "#/components/responses/Unauthorized"}
    # % elif cookiecutter.auth == "session"
    responses = schema["paths"]["/api/v1/auth/login/"]["post"]["responses"]
    assert responses["401"] == {"$ref": "#/components/responses/Unauthorized"}
    # % endif
    responses = schema["paths"]["/api/v1/users/"]["post"]["responses"]
    assert responses["409"] == {"$ref": "#/components/responses/Conflict"}


def test_operations_have_names_of_their_own_under_described_tags(schema: dict[str, Any]) -> None:
    operations = [
        operation for path_item in schema["paths"].values() for operation in path_item.values()
    ]
    ids = [operation["operationId"] for operation in operations]
    summaries = [operation.get("summary") for operation in operations]

    assert len(set(ids)) == len(ids)
    assert [name for name in summaries if not name or summaries.count(name) > 1] == []
    # src/config/settings/tags.py describes them.
    assert {tuple(operation["tags"]) for operation in operations} == {
        (tag["name"],) for tag in schema["tags"] if tag["description"]
    }


def test_every_way_to_sign_in_is_described(schema: dict[str, Any]) -> None:
    schemes = schema["components"]["securitySchemes"]

    assert schemes
    assert [name for name, scheme in schemes.items() if not scheme.get("description")] == []


def test_example_of_every_body_is_what_its_schema_says(schema: dict[str, Any]) -> None:
    resources = Resource.from_contents(schema, default_specification=DRAFT202012)
    registry = Registry().with_resource("urn:schema", resources)
    checked = 0
    for path, path_item in schema["paths"].items():
        for method, operation in path_item.items():
            bodies = {"requestBody": operation.get("requestBody", {})}
            for status, response in operation["responses"].items():
                if status.startswith("2"):
                    bodies[f"responses/{status}"] = response
            for place, body in bodies.items():
                if "application/json" not in body.get("content", {}):
                    continue
                start = "/".join(("paths", path.replace("/", "~1"), method, place))
                pointer = f"urn:schema#/{start}/content/application~1json/schema"
                Draft202012Validator(
                    {"$ref": pointer}, registry=registry, format_checker=FormatChecker()
                ).validate(body["content"]["application/json"]["example"])
                checked += 1

    assert checked


def test_output_that_can_be_sparse_requires_no_field(schema: dict[str, Any]) -> None:
    [parameter] = [
        parameter
        for parameter in schema["paths"]["/api/v1/users/me/"]["get"]["parameters"]
        if parameter.get("name") == "fields"
    ]
    output = schema["components"]["schemas"]["UserOutput"]

    assert parameter["schema"]["items"]["enum"] == list(output["properties"])
    assert "required" not in output


def test_example_of_every_refusal_is_what_its_schema_says(schema: dict[str, Any]) -> None:
    resources = Resource.from_contents(schema, default_specification=DRAFT202012)
    registry = Registry().with_resource("urn:schema", resources)
    validator = Draft202012Validator(
        {"$ref": "urn:schema#/components/schemas/Error"}, registry=registry
    )
    examples = [
        content["example"]
        for response in schema["components"]["responses"].values()
        for content in response["content"].values()
        if "example" in content
    ]

    assert len(examples) == 16
    for example in examples:
        validator.validate(example)


@pytest.mark.urls("tests.integration.core.api.urls")
@pytest.mark.parametrize("path", ["/fail/own-code/", "/fail/refused-field/", "/nothing/"])
def test_error_is_what_the_schema_says(
    schema: dict[str, Any], api_client: APIClient, path: str
) -> None:
    resources = Resource.from_contents(schema, default_specification=DRAFT202012)
    registry = Registry().with_resource("urn:schema", resources)

    Draft202012Validator(
        {"$ref": "urn:schema#/components/schemas/Error"}, registry=registry
    ).validate(api_client.get(path).json())


def test_schema_is_served_to_everybody(api_client: APIClient) -> None:
    response = api_client.get("/api/schema/")

    assert response.status_code == 200
    assert response["Content-Type"] == "application/vnd.oai.openapi+json"
    assert response.json()["openapi"] == "3.1.1"


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


@pytest.mark.parametrize("path", ["/api/docs/", "/api/redoc/"])
def test_pages_for_people_may_load_their_own_files_alone(api_client: APIClient, path: str) -> None:
    policy = api_client.get(path)["Content-Security-Policy"]

    directives = dict(directive.split(" ", 1) for directive in policy.split("; "))
    assert directives["default-src"] == "'none'"
    assert directives["script-src"] == "'self'"
    assert "unsafe" not in policy
    assert "http" not in policy


def test_no_list_is_without_bounds(schema: dict[str, Any]) -> None:
    components = schema["components"]["schemas"]

    def resolved(described: dict[str, Any]) -> dict[str, Any]:
        return (
            components[described["$ref"].rpartition("/")[2]] if "$ref" in described else described
        )

    lists = []
    for path, path_item in schema["paths"].items():
        content = path_item.get("get", {}).get("responses", {}).get("200", {}).get("content", {})
        if "application/json" not in content or not path.startswith("/api/v1/"):
            continue
        body = resolved(content["application/json"]["schema"])
        # % if cookiecutter.response_format == "envelope"
        is_page = "pagination" in body["properties"]["meta"]["properties"]
        rows = resolved(body["properties"]["data"])
        # % else
        is_page = {"next", "previous", "results"} == set(body.get("properties", {}))
        rows = body["properties"]["results"] if is_page else body
        # % endif
        assert is_page == (rows["type"] == "array"), path
        if is_page:
            lists.append(path)
            parameters = {
                parameter["name"]: parameter["schema"]
                for parameter in path_item["get"]["parameters"]
                if "name" in parameter
            }
            assert parameters["page_size"]["maximum"] == 200
            assert {"cursor", "ordering"} <= set(parameters)

    assert "/api/v1/users/" in lists
