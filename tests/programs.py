"""The programs that tests use where they are: on PATH, or where tools/fetch_programs.sh put them."""

import os
import shutil

import pytest

from tests.baking import TEMPLATE

FETCHED = TEMPLATE / ".tools" / "bin"


def find_program(name: str) -> str | None:
    """Return the path of the program ``name``, or ``None`` where it is not."""
    return shutil.which(name) or shutil.which(name, path=str(FETCHED))


def missing(names: str) -> None:
    """End the running test, since none of ``names`` is here: in CI it fails, elsewhere it skips."""
    reason = f"{names} not found; tools/fetch_programs.sh brings it"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)
