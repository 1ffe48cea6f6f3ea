"""The documents tell the truth: what they show is what happens."""

import os
import re
from pathlib import Path

import pytest

from tests.baking import TEMPLATE, bake
from tests.documents import Command, File, Insertion, Reader, matches, missing_tools, steps
from tools.demo import free_port

# Bakes whose documents differ in what they show.
ANSWERS: dict[str, dict[str, str | bool]] = {
    "defaults": {},
    "session-envelope": {"auth": "session", "response_format": "envelope"},
    "minimal": {
        "auth": "oidc",
        "database": "sqlite",
        "example_app": False,
        "events": False,
        "kubernetes": "none",
        "ci": "none",
    },
}
# Commands that would run this test again. The pipeline runs them on their own.
RUN_BY_PIPELINE = {"make test", "make matrix"}
# It names where the template will be published.
NEEDS_PUBLISHING = "uvx cookiecutter gh:org/cookiecutter-django-service"


def follow(document: Path, folder: Path) -> None:
    """Do in ``folder`` what ``document`` tells its reader."""
    text = document.read_text("utf-8")
    missing = missing_tools(text)
    if missing and os.environ.get("CI") != "true":
        pytest.skip(f"{document.name} needs {', '.join(missing)}, which this machine lacks")
    assert missing == []
    with Reader(folder, free_port()) as reader:
        for step in steps(text):
            reader.follow(step)


@pytest.mark.parametrize("answers", ANSWERS.values(), ids=ANSWERS)
def test_readme_of_a_bake_is_true(answers: dict[str, str | bool], tmp_path: Path) -> None:
    project = bake(answers, tmp_path)

    follow(project.path / "README.md", project.path)


@pytest.mark.minutes
def test_tutorial_of_a_bake_is_true(tmp_path: Path) -> None:
    project = bake({}, tmp_path)

    follow(project.path / "TUTORIAL.md", project.path)


@pytest.mark.parametrize("name", ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"])
def test_document_of_the_template_is_true(name: str) -> None:
    document = TEMPLATE / name
    pipeline = (TEMPLATE / ".ci" / "run").read_text("utf-8")

    with Reader(TEMPLATE, free_port()) as reader:
        for step in steps(document.read_text("utf-8")):
            if isinstance(step, Command) and step.text in RUN_BY_PIPELINE:
                assert re.search(rf"^\s*{re.escape(step.text)}\b", pipeline, re.MULTILINE)
            elif not isinstance(step, Command) or step.text != NEEDS_PUBLISHING:
                reader.follow(step)


@pytest.mark.parametrize("answers", ANSWERS.values(), ids=ANSWERS)
def test_links_of_a_bake_lead_somewhere(answers: dict[str, str | bool], tmp_path: Path) -> None:
    project = bake(answers, tmp_path, lock=False)

    assert broken_links(project.path) == []


def test_links_of_the_template_lead_somewhere() -> None:
    assert broken_links(TEMPLATE) == []


def broken_links(folder: Path) -> list[str]:
    """Return the relative links of the documents in ``folder`` that lead nowhere."""
    return [
        f"{document.name}: {target}"
        for document in sorted(folder.glob("*.md"))
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", document.read_text("utf-8"))
        if not (folder / target).exists()
    ]


def test_reader_notices_a_command_that_fails(tmp_path: Path) -> None:
    with Reader(tmp_path, 0) as reader, pytest.raises(AssertionError, match="ended with 1"):
        reader.follow(Command("false", ""))


def test_reader_notices_output_that_is_not_shown(tmp_path: Path) -> None:
    with Reader(tmp_path, 0) as reader, pytest.raises(AssertionError, match="document shows"):
        reader.follow(Command("echo one", "two\n"))


def test_reader_notices_an_insertion_without_its_place(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("one\n")

    with Reader(tmp_path, 0) as reader, pytest.raises(AssertionError, match="one line 'two'"):
        reader.follow(Insertion("file", "two", "three\n"))


def test_reader_keeps_variables_from_one_command_to_the_next(tmp_path: Path) -> None:
    with Reader(tmp_path, 0) as reader:
        reader.follow(Command("WORD=hello", ""))
        reader.follow(Command("echo $WORD", "hello\n"))


def test_reader_writes_files(tmp_path: Path) -> None:
    with Reader(tmp_path, 0) as reader:
        reader.follow(File("a/b.py", "text\n"))
        reader.follow(Insertion("a/b.py", "text", "more\n"))

    assert (tmp_path / "a" / "b.py").read_text() == "text\nmore\n"


@pytest.mark.parametrize(
    ("shown", "printed", "is_match"),
    [
        ("one\n", "one\n", True),
        ("one\n", "one\ntwo\n", False),
        ("one\n…\n", "one\ntwo\nthree\n", True),
        ('"id":"…"\n', '"id":"a.b"\n', True),
        ("…two…\n", "one\n", False),
        ("", "noise\n", False),
    ],
)
def test_matches_takes_the_ellipsis_for_anything(shown: str, printed: str, is_match: bool) -> None:
    assert matches(shown, printed) is is_match
