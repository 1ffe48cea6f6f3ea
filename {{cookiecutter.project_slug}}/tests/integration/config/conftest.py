"""Runs programs of the service in a copy of its sources, in which no .env of a developer lies."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from django.conf import settings

from tests.e2e.processes import of_the_machine

TIMEOUT_SECONDS = 60

Completed = subprocess.CompletedProcess[str]


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the sources and nothing else."""
    folder = tmp_path_factory.mktemp("project")
    shutil.copytree(settings.SOURCE_DIR, folder / "src")
    return folder


@pytest.fixture
def run(project: Path) -> Callable[..., Completed]:
    """Return a function that runs Python in ``src`` with no variables but those it is given."""

    def run(*command: str, variables: Mapping[str, str]) -> Completed:
        return subprocess.run(
            [sys.executable, *command],
            cwd=project / "src",
            env=of_the_machine() | dict(variables),
            capture_output=True,
            text=True,
            timeout=TIMEOUT_SECONDS,
            check=False,
        )

    return run
