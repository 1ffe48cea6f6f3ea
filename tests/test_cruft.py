"""cruft makes the same project as cookiecutter, and brings updates without touching secrets."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import cruft
import pytest

from tests.baking import SERVICE, BakedProject, bake, copy_template, own_environment

# What git needs to commit on a machine where nobody has told it a name.
IDENTITY = ("-c", "user.name=Test", "-c", "user.email=test@example.com")
ANSWERS = {"auth": "oidc", "example_app": False, "description": """Say "when" \\ 100 %"""}


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", *IDENTITY, *arguments], cwd=folder, capture_output=True, text=True, check=True
    )
    return done.stdout


def commit(folder: Path) -> None:
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "A step")


@pytest.fixture
def template(tmp_path) -> Path:
    """A repository of the template as it stands here, committed or not."""
    folder = copy_template(tmp_path / "template")
    git(folder, "init", "--quiet", "--initial-branch", "main")
    commit(folder)
    return folder


@pytest.fixture(autouse=True)
def only_git(tmp_path) -> Iterator[None]:
    """cruft finds git, and the hooks find no uv."""
    commands = tmp_path / "commands"
    commands.mkdir()
    (commands / "git").symlink_to(shutil.which("git"))
    with own_environment(commands, uv=False):
        yield


@pytest.fixture
def project(template, tmp_path) -> BakedProject:
    """A project that cruft made, under version control."""
    path = cruft.create(
        str(template), tmp_path / "cruft", default_config=True, extra_context=ANSWERS
    )
    git(path, "init", "--quiet", "--initial-branch", "main")
    commit(path)
    return BakedProject(path)


def contents(project: BakedProject) -> dict[str, bytes]:
    """Return the bytes of the project's files, version control and secrets aside."""
    return {
        name: (project.path / name).read_bytes()
        for name in project.files
        if name != ".env" and not name.startswith(".git/")
    }


def test_cruft_makes_the_same_bytes_as_cookiecutter(project, tmp_path):
    from_cruft = contents(project)
    assert from_cruft.pop(".cruft.json")
    assert from_cruft == contents(bake(ANSWERS, tmp_path / "cookiecutter", lock=False))


def test_an_update_brings_what_changed_and_keeps_what_is_yours(template, project, monkeypatch):
    changed = template / SERVICE.name / "README.md"
    changed.write_text(changed.read_text("utf-8") + "\nNews of the template.\n", "utf-8")
    commit(template)
    mine = project.path / "src" / "apps" / "mine.py"
    mine.write_text("MINE = 1\n", "utf-8")
    commit(project.path)
    before = contents(project)
    secrets = project.text(".env")

    monkeypatch.chdir(project.path)
    assert cruft.update()

    after = contents(project)
    assert {name for name in after if after[name] != before.get(name)} == {
        ".cruft.json",
        "README.md",
    }
    assert set(before) == set(after)
    assert project.text("README.md").endswith("\nNews of the template.\n")
    assert project.text(".env") == secrets


def test_a_project_does_not_differ_from_its_template(project, monkeypatch, capfd):
    monkeypatch.chdir(project.path)
    assert cruft.diff(exit_code=True), capfd.readouterr().out
