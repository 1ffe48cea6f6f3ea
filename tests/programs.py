"""The programs that tests use where they are: on PATH, installed, or fetched."""

import os
import shutil
import sys
from pathlib import Path

import pytest

from tests.baking import TEMPLATE

FETCHED = TEMPLATE / ".tools" / "bin"
INSTALLED = Path(sys.prefix) / "bin"


def find_program(name: str) -> str | None:
    """Return the path of the program ``name``, or ``None`` where it is not."""
    return shutil.which(name) or shutil.which(name, path=f"{INSTALLED}{os.pathsep}{FETCHED}")


def installed_program(name: str) -> str:
    """Return the path of the program ``name``, which comes with the tests' own dependencies."""
    program = find_program(name)
    assert program, f"{name} is not there: `uv sync` installs it"
    return program


def missing(names: str, bring: str = "tools/fetch_programs.sh brings it") -> None:
    """End the running test, since none of ``names`` is here: in CI it fails, elsewhere it skips."""
    reason = f"{names} not found; {bring}"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)
