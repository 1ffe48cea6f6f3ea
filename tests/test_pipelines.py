"""Pipelines are valid, harmless, and run what a person runs.

Not proven here: that GitHub and GitLab run them.
"""

from pathlib import Path

import pytest
import yaml

from tests.baking import TEMPLATE, Answers, BakedProject, bake
from tests.pipelines import (
    DEPENDABOT,
    GITLAB,
    WORKFLOW,
    action_faults,
    github_faults,
    gitlab_faults,
    zizmor_faults,
)
from tests.schemas import schema_faults
from tests.yamls import yaml_faults

PRE_COMMIT = ".pre-commit-config.yaml"

# Every pair of a database and a broker.
ROWS: dict[str, Answers] = {
    "defaults": {},
    "postgresql-rabbitmq": {"broker": "rabbitmq", "python_version": "3.14"},
    "mysql-redis": {"database": "mysql", "python_version": "3.12"},
    "mysql-rabbitmq": {"database": "mysql", "broker": "rabbitmq"},
    "sqlite-redis": {"database": "sqlite", "python_version": "3.11"},
    "sqlite-rabbitmq": {"database": "sqlite", "broker": "rabbitmq"},
}


@pytest.mark.parametrize("row", ROWS)
def test_the_github_pipeline_is_sound(row: str, into: Path) -> None:
    project = bake(ROWS[row], into, lock=False)

    assert not project.has_file(GITLAB)
    assert yaml_faults(project, ".github", PRE_COMMIT) == []
    assert github_faults(project) == []


@pytest.mark.parametrize("row", ROWS)
def test_the_gitlab_pipeline_is_sound(row: str, into: Path) -> None:
    project = bake({**ROWS[row], "ci": "gitlab"}, into, lock=False)

    assert not project.has_file(".github")
    assert yaml_faults(project, GITLAB) == []
    assert gitlab_faults(project) == []


def test_a_bake_without_pipelines_has_none(into: Path) -> None:
    project = bake({"ci": "none"}, into, lock=False)

    assert [name for name in (".github", GITLAB) if project.has_file(name)] == []


def test_the_templates_own_pipeline_is_sound() -> None:
    template = BakedProject(TEMPLATE)

    assert schema_faults(template, "vendor.github-workflows", WORKFLOW) == []
    assert schema_faults(template, "custom.github-workflows-require-timeout", WORKFLOW) == []
    assert [*zizmor_faults(TEMPLATE / ".github")] == []
    assert [*action_faults(template.text(WORKFLOW))] == []


def test_pre_commit_hooks_are_pinned_or_the_projects_own(default_bake: BakedProject) -> None:
    hooks = {
        (repository["repo"], repository.get("rev"))
        for repository in yaml.safe_load(default_bake.text(PRE_COMMIT))["repos"]
    }

    assert hooks == {
        ("https://github.com/pre-commit/pre-commit-hooks", "v6.0.0"),
        ("local", None),
    }


@pytest.mark.parametrize(
    ("file", "old", "new", "fault"),
    [
        (WORKFLOW, "timeout-minutes: 15", "timeout-minuts: 15", "timeout-minuts"),
        (WORKFLOW, "    timeout-minutes: 15\n", "", "timeout-minutes"),
        (WORKFLOW, "contents: read", "contents: write", "the permissions are"),
        (WORKFLOW, "persist-credentials: false\n          #", "#", "artipacked"),
        (WORKFLOW, "3d3c42e5aac5ba805825da76410c181273ba90b1", "v7", "is not pinned to a commit"),
        (WORKFLOW, "\nconcurrency:", "\nx-concurrency:", "does not end the run"),
        (WORKFLOW, "run: make check", "run: make chekc", "make chekc: there is no such target"),
        (WORKFLOW, "run: make test", "run: make lint", "make test is not run"),
        (WORKFLOW, "run: make security", "run: make lint", "make security is not run"),
        (WORKFLOW, "fetch-depth: 0", "fetch-depth: 1", "the check has no history"),
        (WORKFLOW, "          BASE:", "          BASIS:", "the check does not know the base"),
        (WORKFLOW, "redis:8.6", "redis:8.4", "the tests run on"),
        (WORKFLOW, "CACHE_URL:", "CACHES_URL:", "no setting reads CACHES_URL"),
        (WORKFLOW, "127.0.0.1:6379/1", "redis:6379/1", "the tests are led to"),
        (
            WORKFLOW,
            "run: make check",
            "run: echo ${{ github.event.pull_request.title }} && make check",
            "template-injection",
        ),
        (DEPENDABOT, "interval: weekly", "interval: weakly", "weakly"),
        (DEPENDABOT, "    cooldown:\n      default-days: 7\n", "", "dependabot-cooldown"),
    ],
)
def test_a_fault_in_the_github_pipeline_is_found(
    file: str, old: str, new: str, fault: str, own_bake: BakedProject
) -> None:
    text = own_bake.text(file)
    assert old in text
    (own_bake.path / file).write_text(text.replace(old, new), "utf-8")

    assert fault in "\n".join(github_faults(own_bake))


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("  script:\n    - make test", "  scripts:\n    - make test", "scripts"),
        ("- make check", "- make chekc", "make chekc: there is no such target"),
        ('GIT_DEPTH: "0"', 'GIT_DEPTH: "1"', "the check has no history"),
        ("export BASE=", "export BASIS=", "the check does not know the base"),
        ("name: redis:8.6", "name: redis:8.4", "the tests run on"),
        ("alias: redis", "alias: cache", "the tests are led to"),
        ("docker compose up --build", "docker compose up", "the image is not built"),
    ],
)
def test_a_fault_in_the_gitlab_pipeline_is_found(
    old: str, new: str, fault: str, gitlab_bake: BakedProject
) -> None:
    text = gitlab_bake.text(GITLAB)
    assert old in text
    (gitlab_bake.path / GITLAB).write_text(text.replace(old, new), "utf-8")

    try:
        assert fault in "\n".join(gitlab_faults(gitlab_bake))
    finally:
        (gitlab_bake.path / GITLAB).write_text(text, "utf-8")


@pytest.fixture(scope="module")
def gitlab_bake(tmp_path_factory: pytest.TempPathFactory) -> BakedProject:
    """A bake for GitLab; who changes it puts it right again."""
    return bake({"ci": "gitlab"}, tmp_path_factory.mktemp("gitlab"), lock=False)
