"""Whatever text is accepted, every file that it stands in is valid and means what was written."""

import ast
import re
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from cookiecutter import prompt
from cookiecutter.generate import generate_context, generate_file
from cookiecutter.utils import create_env_with_context, work_in
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from jinja2 import FileSystemLoader
from markdown_it import MarkdownIt

from tests.baking import SERVICE, TEMPLATE, bake, hook
from tests.rendering import parse_fault, render_faults

TEXTS = ("project_name", "description", "author_name")
PRE_GEN = hook("pre_gen_project")
TEXT_MENTION = re.compile(rf"cookiecutter\.(__)?({'|'.join(TEXTS)})\b")

# Characters that mean something in one of the languages, beside all others.
SPECIAL = (
    "\"'\\#%{}[]()<>$&*!?|`~^=+-_:;,./@ \u00a0\u200d\u200f\u0301\u05d0\u0628\U0001f469\U0001f680"
)
accepted_texts = st.text(
    st.one_of(st.sampled_from(SPECIAL), st.characters(codec="utf-8")), min_size=1, max_size=200
).filter(lambda text: not list(PRE_GEN.text_problems("description", text)))


def files_with_texts() -> list[str]:
    """Return the template's files that hold a free text, from the folder of the service."""
    return sorted(
        file.relative_to(SERVICE).as_posix()
        for file in SERVICE.rglob("*")
        if file.is_file() and TEXT_MENTION.search(file.read_text("utf-8", errors="replace"))
    )


FILES = files_with_texts()


def typed(answers: Mapping[str, str]) -> dict[str, Any]:
    """Return what cookiecutter knows after ``answers`` were typed, and Enter at other prompts."""
    context = generate_context(str(TEMPLATE / "cookiecutter.json"))
    with (
        mock.patch.object(
            prompt, "read_user_variable", lambda name, default, *_: answers.get(name, default)
        ),
        mock.patch.object(prompt, "read_user_choice", lambda _name, options, *_: options[0]),
        mock.patch.object(prompt, "read_user_yes_no", lambda _name, default, *_: default),
    ):
        return {"cookiecutter": prompt.prompt_for_config(context)}


@contextmanager
def rendered(answers: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Render the files that hold a text, as cookiecutter does, and yield content by path."""
    context = typed(answers)
    environment = create_env_with_context(context)
    environment.loader = FileSystemLoader(SERVICE)
    with tempfile.TemporaryDirectory() as folder, work_in(SERVICE):
        for name in FILES:
            Path(folder, name).parent.mkdir(parents=True, exist_ok=True)
            generate_file(folder, name, context, environment)
        yield {name: Path(folder, name).read_bytes().decode("utf-8") for name in FILES}


def headings(markdown: str) -> list[str]:
    """Return the contents of a document's headings, outside of quotes."""
    tokens = MarkdownIt().parse(markdown)
    opened = [index for index, one in enumerate(tokens) if one.type == "heading_open"]
    return [tokens[index + 1].content for index in opened if not tokens[index].level]


def strings(python: str) -> dict[str, str]:
    """Return the strings that stand in a module's dictionaries, by their keys."""
    found = {}
    for node in ast.walk(ast.parse(python)):
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and isinstance(value, ast.Constant):
                    found[key.value] = value.value
    return found


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(*[accepted_texts] * 3)
@example('"', "'", "\\")
@example('\\"', "\\\\", '"""')
@example("%(x)s %", "${HOME} $(x) `x`", "{0} }} %} #}")
@example("#", "# ", "x # % if y")
@example("```", "```", "~~~")
@example("<!--", "<!-- x", "<script>")
@example("---", "===", "- x")
@example("[x]: y", "[x]: y", "1. x")
@example("\u05d0\u05d1 a \u200f", "\u0627\u0644", "\u200d\U0001f469\u200d\U0001f680")
@example("\U0001f680" * 200, "x" * 200, "\\" * 200)
def test_every_accepted_text_renders_into_what_it_says(project_name, description, author_name):
    answers = {
        "project_name": project_name,
        "project_slug": "my_service",
        "description": description,
        "author_name": author_name,
    }
    with rendered(answers) as files:
        faults = {name: parse_fault(name, text) for name, text in files.items()}
        assert not any(faults.values()), faults

        project = tomllib.loads(files["pyproject.toml"])["project"]
        assert project["name"] == "my-service"
        assert project["description"] == description
        assert project["authors"] == [{"name": author_name, "email": "you@example.com"}]

        api = strings(files["src/config/settings/api.py"])
        assert (api["TITLE"], api["DESCRIPTION"]) == (project_name, description)

        assert f"Copyright (c) {author_name}\n" in files["LICENSE"]
        assert files["README.md"].startswith(f"# {project_name}\n\n> {description}\n\n")
        assert headings(files["README.md"])[1:] == README_HEADINGS


with rendered({}) as default_files:
    README_HEADINGS = headings(default_files["README.md"])[1:]


def test_texts_stand_in_these_files_only(tmp_path):
    """A whole bake proves that the list of files to render is complete."""
    one, other = (
        bake(
            {name: f"{name} {mark}" for name in TEXTS} | {"project_slug": "shop"},
            folder,
            lock=False,
        )
        for mark, folder in (("one", tmp_path / "one"), ("other", tmp_path / "other"))
    )
    assert one.files == other.files
    changed = [name for name in one.files if one.text(name) != other.text(name)]
    assert [name for name in changed if name != ".env"] == FILES


def test_texts_may_stand_in_these_languages_only():
    """The variables with two underscores are right in strings between double quotes, no others."""
    assert {Path(name).suffix for name in FILES} == {"", ".md", ".py", ".toml"}


def test_a_bake_with_hard_texts_is_whole(tmp_path):
    hard = """O'Neill & "Sons" \\ 100 % #1 {a} }} $HOME `x` \u05d0 \U0001f680"""
    answers = dict.fromkeys(TEXTS, hard) | {"project_slug": "shop"}
    project = bake(answers, tmp_path, lock=False)
    faults = {name: parse_fault(name, project.text(name)) for name in project.files}
    assert not any(faults.values())
    assert tomllib.loads(project.text("pyproject.toml"))["project"]["description"] == hard


def test_a_bake_with_hard_names_is_clean(tmp_path):
    answers = {
        "project_slug": "s" * 40,
        "author_email": "First.O'Last+tag_1-2@mail.xn--bcher-kva.example",
        "domain_name": f"{'a' * 63}.xn--bcher-kva.3d-shop.example",
    }
    faults = render_faults(bake(answers, tmp_path, lock=False))
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("cookiecutter.__description", "cookiecutter.description"),
        ("cookiecutter.__author_name", "cookiecutter.author_name"),
    ],
)
def test_a_text_without_its_escapes_would_be_found(old, new):
    source = (SERVICE / "pyproject.toml").read_text("utf-8")
    assert old in source
    context = typed({"description": '"', "author_name": '"', "project_slug": "shop"})
    text = create_env_with_context(context).from_string(source.replace(old, new)).render(**context)
    assert "is not valid" in str(parse_fault("pyproject.toml", text))
