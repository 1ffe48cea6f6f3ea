"""What the template's tests share."""

import fcntl
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.baking import BakedProject, bake
from tools.combinations import Row


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin what takes minutes first, each in a process of its own.

    pytest-xdist gives each process a part of the list, which it runs in order.
    """
    processes = int(getattr(config, "workerinput", {}).get("workercount", 1))
    minutes = [item for item in items if item.get_closest_marker("minutes")]
    others = [item for item in items if item not in minutes]
    for number, item in enumerate(minutes):
        others.insert(len(items) * (number % processes) // processes, item)
    items[:] = others


@pytest.fixture(scope="session")
def default_bake(tmp_path_factory: pytest.TempPathFactory) -> BakedProject:
    """The bake of default answers; for looking at only, as tests share it."""
    return bake({}, tmp_path_factory.mktemp("default"), lock=False)


@pytest.fixture(scope="session")
def bake_of(
    tmp_path_factory: pytest.TempPathFactory, worker_id: str
) -> Callable[[Row], BakedProject]:
    """The bake of a row, made once for all processes of xdist; for looking at only."""
    own = tmp_path_factory.getbasetemp()
    shared = (own if worker_id == "master" else own.parent) / "rows"
    shared.mkdir(exist_ok=True)

    def made(row: Row) -> BakedProject:
        folder = shared / row.name
        with (shared / f"{row.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not folder.exists():
                bake(row.answers, shared / f"{row.name}.part", lock=False)
                (shared / f"{row.name}.part").rename(folder)
        return BakedProject(next(folder.iterdir()))

    return made


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
