"""No secret of a developer's machine gets into the image, whatever stands in the folder that it is built of."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from secrets import token_hex

import pytest

from tests.baking import BakedProject
from tests.containers import SECRETS
from tests.layers import image
from tests.test_containers import plant

PLANTED = {name: token_hex(20) for name in SECRETS}
ARGUMENT = "INDEX_TOKEN"
ALL = {**PLANTED, ARGUMENT: token_hex(20)}
ARGUMENTS = {"RELEASE": "1.2.3", ARGUMENT: ALL[ARGUMENT]}


@pytest.fixture(scope="module")
def folder(default_bake: BakedProject, tmp_path_factory: pytest.TempPathFactory) -> BakedProject:
    """A bake with what a developer's machine may have in its folder, each with a secret."""
    copy = tmp_path_factory.mktemp("layers") / "copy"
    project = BakedProject(Path(shutil.copytree(default_bake.path, copy)))
    for name, secret in PLANTED.items():
        path = project.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"password={secret}\n", "utf-8")
    return project


@pytest.fixture
def lived_in(folder: BakedProject) -> Iterator[BakedProject]:
    """The same, whose build is as it was before when a test has ended."""
    before = {name: folder.text(name) for name in ("Dockerfile", ".dockerignore")}
    yield folder
    for name, text in before.items():
        (folder.path / name).write_text(text, "utf-8")


def test_image_holds_no_secret_of_the_machine(lived_in: BakedProject) -> None:
    built = image(lived_in, ARGUMENTS)

    # It does hold the code, and what it is told of its release.
    assert {
        "src/manage.py",
        "src/config/urls.py",
        "pyproject.toml",
        "uv.lock",
    } <= built.files.keys()
    assert "ARG RELEASE=1.2.3" in built.lines
    assert built.seen(ALL) == []
    assert built.suspicious() == []


@pytest.mark.parametrize(
    ("file", "old", "new", "leaked"),
    [
        (".dockerignore", "**/.env*\n", "", ["src/.env", "src/.env.production"]),
        (".dockerignore", "**/*.pem\n", "", ["src/keys/signing.pem"]),
        (".dockerignore", "**/secrets\n", "", ["src/secrets/token"]),
        ("Dockerfile", 'ARG RELEASE="unreleased"', f"ARG {ARGUMENT}", [ARGUMENT]),
    ],
)
def test_secret_that_gets_in_is_seen(
    file: str, old: str, new: str, leaked: list[str], lived_in: BakedProject
) -> None:
    plant(lived_in, file, old, new)

    assert image(lived_in, ARGUMENTS).seen(ALL) == leaked


def test_context_that_is_let_in_whole_is_seen(lived_in: BakedProject) -> None:
    (lived_in.path / ".dockerignore").write_text("", "utf-8")
    plant(lived_in, "Dockerfile", "COPY src src\n", "COPY . .\n")

    assert image(lived_in, ARGUMENTS).seen(ALL) == sorted(PLANTED)


@pytest.mark.parametrize(
    "line",
    [
        "ENV SECRET_KEY=wZ8kQ2vN5tR1xY7b",
        'ARG DATABASE_PASSWORD="wZ8kQ2vN5tR1xY7b"',
        "LABEL built.with=https://user:wZ8kQ2vN5tR1xY7b@packages.example.com",
    ],
)
def test_secret_in_the_configuration_of_the_image_is_seen(
    line: str, lived_in: BakedProject
) -> None:
    plant(lived_in, "Dockerfile", "\nWORKDIR /app/src\n", f"\n{line}\nWORKDIR /app/src\n")

    (found,) = image(lived_in, ARGUMENTS).suspicious()
    assert "wZ8kQ2vN5tR1xY7b" in found
