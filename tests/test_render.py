"""A bake of any answers is clean: nothing of the template is left, and every file is valid."""

import fnmatch
import json
import re

import pytest

from tests.baking import SERVICE, TEMPLATE, BakedProject, bake
from tests.rendering import content_faults, empty_folders, name_faults, render_faults, text_faults
from tools.combinations import rows


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.name)
def test_a_bake_has_no_fault(row, bake_of):
    faults = render_faults(bake_of(row))
    assert not faults, "\n".join(faults)


COPIED = json.loads((TEMPLATE / "cookiecutter.json").read_text("utf-8"))["_copy_without_render"]
CACHES = ["*__pycache__", ".*_cache"]


@pytest.mark.parametrize("pattern", [pattern for pattern in COPIED if pattern not in CACHES])
def test_what_is_copied_as_it_is_asks_for_no_answer(pattern):
    names = [path.relative_to(SERVICE).as_posix() for path in SERVICE.rglob("*")]
    # As cookiecutter matches them. A folder that matched would be removed before it is written over.
    copied = [SERVICE / name for name in names if fnmatch.fnmatch(name, pattern)]
    assert copied
    assert [path for path in copied if not path.is_file()] == []
    assert [path for path in copied if re.search("cookiecutter|# %", path.read_text("utf-8"))] == []


def test_two_bakes_are_the_same_but_for_secrets(default_bake, into):
    again = bake({}, into, lock=False)
    assert again.files == default_bake.files
    different = [
        name
        for name in again.files
        if (again.path / name).read_bytes() != (default_bake.path / name).read_bytes()
    ]
    assert different == [".env"]
    without_secrets = [
        [line.partition("=")[0] for line in project.text(".env").splitlines()]
        for project in (again, default_bake)
    ]
    assert without_secrets[0] == without_secrets[1]


def test_only_what_is_run_is_executable(default_bake):
    executable = [
        name for name in default_bake.files if (default_bake.path / name).stat().st_mode & 0o111
    ]
    assert executable == [
        name for name in default_bake.files if has_interpreter(default_bake, name)
    ]


def has_interpreter(project: BakedProject, name: str) -> bool:
    return project.text(name).startswith("#!")


VARIABLE_READ = re.compile(
    r"""(?:env\.\w+|environ\.get|whole_number|Variable)\(\s*["']([A-Z][A-Z0-9_]+)["']"""
)
VARIABLE_EXPLAINED = re.compile(r"^(?:# )?([A-Z][A-Z0-9_]+)=", re.MULTILINE)


@pytest.mark.parametrize(
    "answers",
    [
        {},
        {"database": "mysql", "auth": "oidc", "broker": "rabbitmq"},
        {"database": "sqlite", "auth": "session", "example_app": False, "events": False},
        {"import_export": True, "api_keys": True, "row_level_security": True},
    ],
    ids=lambda answers: "-".join(map(str, answers.values())) or "defaults",
)
def test_the_example_of_settings_explains_what_is_read_and_nothing_else(answers, into):
    project = bake(answers, into, lock=False)
    sources = [project.text(name) for name in project.files if name.startswith("src/")]
    read = {name for source in sources for name in VARIABLE_READ.findall(source)}
    composed = "".join(project.text(name) for name in project.files if "compose" in name)
    explained = set(VARIABLE_EXPLAINED.findall(project.text(".env.example")))
    assert read <= explained
    assert {name for name in explained - read if f"${{{name}" not in composed} == set()


@pytest.mark.parametrize(
    ("name", "text", "fault"),
    [
        ("a.py", "x = 1\r\n", "has line ends of Windows"),
        ("a.py", "\ufeffx = 1\n", "begins with a byte order mark"),
        ("a.py", "x = 1", "does not end with exactly one newline"),
        ("a.py", "x = 1\n\n", "does not end with exactly one newline"),
        ("a.py", "\n", "does not end with exactly one newline"),
        ("a.py", "x = 1 \n", "line 1 ends with white space"),
        ("a.py", "x = 1\n    # % endif\n", "holds '    # %'"),
        ("a.md", "a {{ x }}\n", "holds '{{'"),
        ("a.md", "a {% if x %}\n", "holds '{%'"),
        ("a.md", "a {# x #}\n", "holds '{#'"),
        ("a.md", "Made with Cookiecutter.\n", "speaks of 'Cookiecutter'"),
        ("a.py", "# see post_gen_project\n", "speaks of 'post_gen_project'"),
        ("a.xyz", "x\n", "is of a kind that tests/rendering.py does not know"),
        ("a.py", "x = (\n", "is not valid: "),
        ("a.py", "x = '\\d'\n", "is not valid: "),
        ("a.toml", "x = \n", "is not valid: "),
        ("uv.lock", "[[package\n", "is not valid: "),
        ("a.yml", "x: [\n", "is not valid: "),
        ("a.yaml", 'x: "\n', "is not valid: "),
        ("a.json", "{\n", "is not valid: "),
        ("a.md", "```\nx\n", "is not valid: "),
        ("a.sh", "if\n", "is not valid: "),
        ("Makefile", "help:\n    x\n", "is not valid: "),
        ("Dockerfile", "FROMAGE x\n", "is not valid: "),
        (".env", "X = 1\n", "is not valid: "),
        (".env.example", "X='1'\n", "is not valid: "),
        ("tests/production.env", "X=$1\n", "is not valid: "),
        (".editorconfig", "[*\n", "is not valid: "),
    ],
)
def test_a_planted_fault_is_found(name, text, fault):
    found = list(text_faults(name, text))
    assert [one for one in found if one.startswith(fault)], found


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.yml", "x: ${{ github.ref }}\n"),
        ("a.yml", "x: !reference [a, b]\n"),
        ("a.sh", 'echo "${#x}"\n'),
        ("a.py", "# 100 % of it\nx = {'a': {}}\n"),
        ("README.md", "It was made with cookiecutter.\n"),
        ("src/__init__.py", ""),
    ],
)
def test_what_only_looks_like_a_fault_is_none(name, text):
    assert list(text_faults(name, text)) == []


@pytest.mark.parametrize(
    "name", ["aux.py", "src/nul/x.py", "a:b", "a?", "src/a. ", "com1.txt", "a.", 'a"b', "LPT9"]
)
def test_a_name_that_windows_refuses_is_found(name):
    [fault] = name_faults([name])
    assert fault.endswith("is no file name on Windows")


def test_names_that_differ_in_case_only_are_found():
    [fault] = name_faults(["src/A.py", "src/a.py"])
    assert fault == "src/a.py: is src/A.py where upper and lower case are the same"


def test_an_empty_folder_and_a_file_that_is_no_text_are_found(tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "a.md").write_bytes(b"\xff\n")
    assert list(empty_folders(BakedProject(tmp_path))) == ["empty: is an empty folder"]
    [fault] = content_faults(BakedProject(tmp_path))
    assert fault.startswith("a.md: 'utf-8' codec can't decode")
