"""Each rule of the gate names the change that breaks clients, and lets pass what does not."""

import subprocess
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from scripts import breaking_changes
from scripts.breaking_changes import RULES, main

TODAY = date(2027, 1, 1)
DOCUMENT = yaml.safe_load("""
paths:
  /cups/{id}/:
    patch:
      operationId: cups_update
      security: [{token: []}, {cookie: []}]
      parameters:
        - {name: id, in: path, required: true, schema: {type: string}}
        - {name: dry, in: query, schema: {type: boolean}}
      requestBody:
        content:
          application/json: {schema: {$ref: "#/components/schemas/CupInput"}}
          text/csv: {schema: {type: string}}
      responses:
        "200":
          headers: {ETag: {schema: {type: string}}}
          content:
            application/json: {schema: {$ref: "#/components/schemas/CupOutput"}}
        default: {description: It failed.}
components:
  schemas:
    CupInput:
      type: object
      required: [name]
      properties:
        name: {type: string, maxLength: 40, pattern: "^[a-z]+$"}
        size: {type: string, enum: [small, large]}
        day: {type: string}
        price: {type: number}
        owner: {oneOf: [{type: string}, {type: "null"}]}
    CupOutput:
      type: object
      required: [id, size]
      properties:
        id: {type: string, format: uuid}
        size: {type: string, enum: [small, large]}
        tags: {type: array, items: {type: string}}
        owner: {oneOf: [{type: string}, {type: "null"}]}
        parent: {$ref: "#/components/schemas/CupOutput"}
""")
PATCH = "paths./cups/{id}/.patch"
REQUEST = "components.schemas.CupInput"
ANSWER = "components.schemas.CupOutput"
GONE = object()


def changed(changes: dict[str, Any]) -> Any:
    """Return the document with ``changes``, by where they are."""
    document = deepcopy(DOCUMENT)
    for where, value in changes.items():
        *path, last = [
            int(name) if name.isdigit() and name != "200" else name for name in where.split(".")
        ]
        node = document
        for name in path:
            node = node[name]
        if value is GONE:
            del node[last]
        else:
            node[last] = value
    return document


def named(old: Any, new: Any) -> list[str]:
    return [
        f"{change.rule}: {change}" for change in breaking_changes.breaking_changes(old, new, TODAY)
    ]


BREAKING = [
    ({"paths./cups/{id}/.patch": GONE}, "operation-removed: OP: the operation is gone"),
    ({"paths./cups/{id}/": GONE}, "operation-removed: OP: the operation is gone"),
    (
        {f"{PATCH}.operationId": "cups_change"},
        (
            "operation-id-changed: OP: its operationId is cups_change, no longer cups_update: "
            "generated clients call it by that"
        ),
    ),
    (
        {f"{PATCH}.security": [{"token": []}]},
        "sign-in-added: OP: callers who were let in now have to sign in otherwise",
    ),
    (
        {f"{PATCH}.security": [{"token": [], "cookie": []}]},
        "sign-in-added: OP: callers who were let in now have to sign in otherwise",
    ),
    ({f"{PATCH}.parameters.1": GONE}, "parameter-removed: OP: query dry: the parameter is gone"),
    (
        {f"{PATCH}.parameters.1.required": True},
        "parameter-required: OP: query dry: the parameter is required now",
    ),
    (
        {f"{PATCH}.parameters.1": {"name": "dry", "in": "query", "schema": {"type": "integer"}}},
        "type-changed: OP: query dry: the type is integer, no longer boolean",
    ),
    (
        {f"{PATCH}.requestBody.required": True},
        "body-required: OP: request: the body is required now",
    ),
    (
        {f"{PATCH}.requestBody.content.text/csv": GONE},
        "media-type-removed: OP: request, text/csv: the media type is gone",
    ),
    ({f"{PATCH}.responses.200": GONE}, "status-removed: OP: answer 200: the status is gone"),
    (
        {f"{PATCH}.responses.200.headers": GONE},
        "header-removed: OP: answer 200, header ETag: the header is gone",
    ),
    (
        {f"{REQUEST}.properties.day": GONE},
        "property-removed: OP: request, day: the property is gone",
    ),
    (
        {f"{ANSWER}.properties.tags": GONE},
        "property-removed: OP: answer 200, tags: the property is gone",
    ),
    (
        {f"{REQUEST}.required": ["name", "day"]},
        "property-required: OP: request, day: the property is required now",
    ),
    (
        {f"{ANSWER}.required": ["id"]},
        "property-optional: OP: answer 200, size: the property may be missing now",
    ),
    (
        {f"{REQUEST}.additionalProperties": False},
        "properties-closed: OP: request: properties that are not described are refused now",
    ),
    (
        {f"{REQUEST}.properties.price.type": "integer"},
        "type-changed: OP: request, price: the type is integer, no longer number",
    ),
    (
        {f"{ANSWER}.properties.tags.items.type": ["string", "null"]},
        "type-changed: OP: answer 200, tags[]: the type is null or string, no longer string",
    ),
    (
        {f"{REQUEST}.properties.size.enum": ["small"]},
        "enum-narrowed: OP: request, size: large can no longer be sent",
    ),
    (
        {f"{REQUEST}.properties.day.enum": ["monday"]},
        "enum-narrowed: OP: request, day: other values can no longer be sent",
    ),
    (
        {f"{ANSWER}.properties.size.enum": ["small", "large", "huge"]},
        "enum-widened: OP: answer 200, size: huge may be answered now",
    ),
    (
        {f"{REQUEST}.properties.day.format": "date"},
        "format-changed: OP: request, day: the format is date, no longer None",
    ),
    (
        {f"{ANSWER}.properties.id.format": GONE},
        "format-changed: OP: answer 200, id: the format is None, no longer uuid",
    ),
    (
        {f"{REQUEST}.properties.name.pattern": "^[a-f]+$"},
        "pattern-changed: OP: request, name: the pattern is ^[a-f]+$, no longer ^[a-z]+$",
    ),
    (
        {f"{REQUEST}.properties.name.maxLength": 30},
        "limit-tightened: OP: request, name: maxLength is 30, no longer 40",
    ),
    (
        {f"{REQUEST}.properties.price.minimum": 1},
        "limit-tightened: OP: request, price: minimum is 1, no longer None",
    ),
    (
        {f"{REQUEST}.properties.owner": {"type": "string"}},
        "alternative-removed: OP: request, owner: a form that could be sent no longer can",
    ),
    (
        {f"{ANSWER}.properties.owner": {"type": ["string", "integer"]}},
        "alternative-added: OP: answer 200, owner: the answer may have another form now",
    ),
]
HARMLESS = [
    {"paths./jugs/": {"get": {"operationId": "jugs", "responses": {}}}},
    {f"{PATCH}.security": [{"token": []}, {"cookie": []}, {}]},
    {f"{PATCH}.parameters.1.required": False},
    {f"{PATCH}.responses.404": {"description": "Not found."}},
    {f"{REQUEST}.required": []},
    {f"{REQUEST}.properties.colour": {"type": "string"}},
    {f"{REQUEST}.properties.name.maxLength": 50},
    {f"{REQUEST}.properties.name.pattern": GONE},
    {f"{REQUEST}.properties.size.enum": ["small", "large", "huge"]},
    {f"{REQUEST}.properties.day.type": ["string", "null"]},
    {
        f"{REQUEST}.properties.owner.oneOf": [
            {"type": "string"},
            {"type": "null"},
            {"type": "integer"},
        ]
    },
    {f"{ANSWER}.required": ["id", "size", "tags"]},
    {f"{ANSWER}.properties.colour": {"type": "string"}},
    {f"{ANSWER}.properties.size.enum": ["small"]},
    {f"{ANSWER}.properties.owner": {"type": "string"}},
    {f"{ANSWER}.description": "A cup."},
]


@pytest.mark.parametrize(("changes", "sentence"), BREAKING, ids=lambda value: str(value)[:60])
def test_breaking_change_is_named(changes: dict[str, Any], sentence: str) -> None:
    assert named(DOCUMENT, changed(changes)) == [sentence.replace("OP", "PATCH /cups/{id}/")]


def test_every_rule_has_its_example() -> None:
    assert {sentence.partition(":")[0] for _, sentence in BREAKING} == set(RULES)


@pytest.mark.parametrize("changes", HARMLESS, ids=str)
def test_change_that_breaks_nobody_passes(changes: dict[str, Any]) -> None:
    assert named(DOCUMENT, changed(changes)) == []


def test_parameter_of_a_path_may_have_another_name() -> None:
    renamed = {"/cups/{pk}/": DOCUMENT["paths"]["/cups/{id}/"]}

    assert named(DOCUMENT, {**DOCUMENT, "paths": renamed}) == []


@pytest.mark.parametrize(
    ("sunset", "is_allowed"), [("2027-01-01", True), ("2027-01-02", False), (GONE, False)]
)
def test_deprecated_operation_may_go_once_its_sunset_has_passed(
    sunset: Any,
    is_allowed: bool,  # noqa: FBT001
) -> None:
    deprecated = changed({f"{PATCH}.deprecated": True, f"{PATCH}.x-sunset": "any"})
    if sunset is GONE:
        del deprecated["paths"]["/cups/{id}/"]["patch"]["x-sunset"]
    else:
        deprecated["paths"]["/cups/{id}/"]["patch"]["x-sunset"] = sunset

    assert (named(deprecated, changed({"paths./cups/{id}/": GONE})) == []) is is_allowed


# The command


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository whose only commit has the document; then a property went."""
    monkeypatch.setattr(breaking_changes, "PROJECT", tmp_path)
    git(tmp_path, "init", "--quiet")
    (tmp_path / "openapi.yaml").write_text(yaml.safe_dump(DOCUMENT))
    git(tmp_path, "add", "--all")
    git(tmp_path, "commit", "--quiet", "--message", "The first")
    now = changed({f"{ANSWER}.properties.tags": GONE})
    (tmp_path / "openapi.yaml").write_text(yaml.safe_dump(now))
    return tmp_path


def git(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=Test", "-c", "user.email=test@example.com")
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True)


LINE = "PATCH /cups/{id}/: answer 200, tags: the property is gone"


def test_command_names_the_change_and_what_to_do(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([]) == 1

    printed = capsys.readouterr().out
    assert printed.startswith(f"{LINE}\n1 breaking changes since ")
    assert "deprecate the operation" in printed


def test_accepted_change_passes(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "breaking-changes.txt").write_text(f"# Nobody read it.\n{LINE}\n")

    assert main([]) == 0
    assert capsys.readouterr().out.startswith(f"accepted: {LINE}\n0 breaking changes since ")


def test_change_since_the_revision_that_is_asked_for_is_named(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    git(project, "commit", "--quiet", "--all", "--message", "The second")

    assert main([]) == 0
    assert main(["HEAD~1"]) == 1


def test_branch_is_compared_with_where_it_left_the_remotes(
    project: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone = tmp_path_factory.mktemp("clone") / "project"
    git(project, "stash", "--quiet")
    git(project, "clone", "--quiet", ".", str(clone))
    now = changed({f"{ANSWER}.properties.tags": GONE})
    (clone / "openapi.yaml").write_text(yaml.safe_dump(now))
    git(clone, "commit", "--quiet", "--all", "--message", "Mine")
    monkeypatch.setattr(breaking_changes, "PROJECT", clone)

    assert main([]) == 1


@pytest.mark.parametrize("base", ["0" * 40, ""], ids=["zeros", "no-commit"])
def test_without_a_base_the_command_says_so(
    base: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(breaking_changes, "PROJECT", tmp_path)
    git(tmp_path, "init", "--quiet")

    assert main([base]) == 0
    assert capsys.readouterr().out == (
        "There is no commit before this one: nothing to compare with.\n"
    )


def test_base_without_the_document_is_said(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    git(project, "rm", "--quiet", "--cached", "openapi.yaml")
    git(project, "commit", "--quiet", "--message", "Without")

    assert main([]) == 0
    assert "has no openapi.yaml: nothing to compare with." in capsys.readouterr().out


def test_revision_that_is_not_here_is_refused(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["f" * 40]) == 1
    assert "is not in this clone. Fetch it" in capsys.readouterr().err
