"""What the template's tests share."""

import shutil
from pathlib import Path

import pytest

from tests.baking import BakedProject, bake


@pytest.fixture(scope="session")
def default_bake(tmp_path_factory: pytest.TempPathFactory) -> BakedProject:
    """The bake of default answers; for looking at only, as tests share it."""
    return bake({}, tmp_path_factory.mktemp("default"), lock=False)


@pytest.fixture
def own_bake(default_bake: BakedProject, tmp_path: Path) -> BakedProject:
    """A copy of the bake of default answers, for this test to change."""
    return BakedProject(Path(shutil.copytree(default_bake.path, tmp_path / "copy")))


@pytest.fixture
def into(tmp_path: Path) -> Path:
    """A folder to bake into, empty and of this test alone."""
    folder = tmp_path / "into"
    folder.mkdir()
    return folder
