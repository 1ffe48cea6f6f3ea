"""What is wrong with a rendered project: ``render_faults(project)`` names every such fault."""

import ast
import configparser
import io
import json
import re
import subprocess
import tomllib
import warnings
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import PurePosixPath

import yaml
from dotenv.parser import parse_stream
from markdown_it import MarkdownIt

from tests.baking import BakedProject

# `${{` is GitHub's own, `${#` a shell's.
DIRECTIVE = re.compile(r"(?<!\$)\{[{%#]|^\s*# %", re.MULTILINE)
MACHINERY = re.compile(r"cookiecutter|jinja|(pre|post)_gen_project|bake-started", re.IGNORECASE)
# These say how to take an update of the template.
MAY_NAME_MACHINERY = ("README.md", ".cruft.json")

# https://learn.microsoft.com/en-us/windows/win32/fileio/naming-a-file
WINDOWS_DEVICE = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", re.IGNORECASE)
WINDOWS_REFUSES = re.compile(r'[<>:"|?*\\\x00-\x1f]|[. ]$')

ENVIRONMENT_LINE = re.compile(r"#.*|[A-Z][A-Z0-9_]*=[A-Za-z0-9_.,:/@+%-]*|")


def render_faults(project: BakedProject) -> list[str]:
    """Return one line for each fault in the names and the contents of the project's files."""
    return [*name_faults(project.files), *empty_folders(project), *content_faults(project)]


def name_faults(names: list[str]) -> Iterator[str]:
    """Yield what is wrong with the paths of files that stand together."""
    for name in names:
        for part in PurePosixPath(name).parts:
            if WINDOWS_DEVICE.fullmatch(part) or WINDOWS_REFUSES.search(part):
                yield f"{name}: {part!r} is no file name on Windows"
    for one, other in pairwise(sorted(names, key=str.lower)):
        if one.lower() == other.lower():
            yield f"{other}: is {one} where upper and lower case are the same"


def empty_folders(project: BakedProject) -> Iterator[str]:
    for folder in project.path.rglob("*"):
        if folder.is_dir() and not any(folder.iterdir()):
            yield f"{folder.relative_to(project.path).as_posix()}: is an empty folder"


def content_faults(project: BakedProject) -> Iterator[str]:
    for name in project.files:
        content = (project.path / name).read_bytes()
        try:
            text = content.decode("utf-8")
        except UnicodeDecodeError as error:
            yield f"{name}: {error}"
            continue
        yield from (f"{name}: {fault}" for fault in text_faults(name, text))


def text_faults(name: str, text: str) -> Iterator[str]:
    """Yield what is wrong with ``text`` as the content of a file called ``name``."""
    if "\r" in text:
        yield "has line ends of Windows"
    if text.startswith("\ufeff"):
        yield "begins with a byte order mark"
    # A file without a line is fine: most __init__.py have none.
    if text and (not text.endswith("\n") or text.endswith("\n\n") or text == "\n"):
        yield "does not end with exactly one newline"
    for number, line in enumerate(text.split("\n"), 1):
        if line.endswith((" ", "\t")):
            yield f"line {number} ends with white space"
    # Templates of the service's own: Django's, copied as they are.
    for found in () if "/templates/" in name else DIRECTIVE.finditer(text):
        yield f"holds {found.group()!r}"
    if name not in MAY_NAME_MACHINERY and (found := MACHINERY.search(text)):
        yield f"speaks of {found.group()!r}"
    if fault := parse_fault(name, text):
        yield fault


def parse_fault(name: str, text: str) -> str | None:
    """Return why ``text`` is not valid in the language that ``name`` says it is in.

    A kind of file that no language is known for is a fault too, so that none is left out.
    """
    path = PurePosixPath(name)
    parse = PARSERS.get(path.name) or PARSERS.get(path.suffix)
    if not parse:
        return "is of a kind that tests/rendering.py does not know"
    try:
        parse(text)
    except (ValueError, SyntaxError, SyntaxWarning, yaml.YAMLError, configparser.Error) as error:
        return f"is not valid: {error}"
    return None


def parse_python(text: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        compile(text, "<rendered>", "exec", ast.PyCF_ONLY_AST, dont_inherit=True)


def parse_yaml(text: str) -> None:
    # Nodes, not objects: GitLab has tags of its own.
    list(yaml.compose_all(text, yaml.SafeLoader))


def parse_makefile(text: str) -> None:
    run_parser(["make", "--file", "-", "--dry-run", "help"], text)


def parse_shell(text: str) -> None:
    run_parser(["sh", "-n"], text)


def parse_environment(text: str) -> None:
    """Refuse what django-environ, Docker Compose and a shell could read differently."""
    for line in text.splitlines():
        if not ENVIRONMENT_LINE.fullmatch(line):
            raise ValueError(f"{line!r} is no plain NAME=value")
    for binding in parse_stream(io.StringIO(text)):
        if binding.error:
            raise ValueError(f"{binding.original.string!r} is not understood")


def parse_dockerfile(text: str) -> None:
    done = subprocess.run(
        ["hadolint", "--no-fail", "--format", "json", "-"],
        input=text,
        capture_output=True,
        text=True,
        check=True,
    )
    # DL1000 is hadolint's word for a file that it cannot parse.
    for finding in json.loads(done.stdout):
        if finding["code"] == "DL1000":
            raise ValueError(f"line {finding['line']}: {finding['message']}")


def parse_editorconfig(text: str) -> None:
    configparser.ConfigParser(interpolation=None).read_string("[top]\n" + text)


def parse_markdown(text: str) -> None:
    """Refuse a code block that is still open at the end of the document."""
    lines = text.splitlines()
    for token in MarkdownIt().parse(text):
        if token.type == "fence" and token.map:
            first, after_last = token.map
            if after_last == len(lines) and lines[-1].strip() != token.markup:
                raise ValueError(f"line {first + 1}: the code block is not closed")


def any_text(_text: str) -> None:
    """Take every text: these files have no grammar."""


def run_parser(command: list[str], text: str) -> None:
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ValueError(done.stderr.strip())


PARSERS: dict[str, Callable[[str], object]] = {
    ".py": parse_python,
    ".toml": tomllib.loads,
    ".lock": tomllib.loads,
    ".yml": parse_yaml,
    ".yaml": parse_yaml,
    ".json": json.loads,
    ".md": parse_markdown,
    ".sh": parse_shell,
    ".env": parse_environment,
    ".env.example": parse_environment,
    "Makefile": parse_makefile,
    "Dockerfile": parse_dockerfile,
    ".editorconfig": parse_editorconfig,
    ".html": any_text,
    ".sql": any_text,
    ".txt": any_text,
    # nginx reads it in tests/test_proxy.py.
    ".template": any_text,
    ".dockerignore": any_text,
    ".gitattributes": any_text,
    ".gitignore": any_text,
    "LICENSE": any_text,
}
