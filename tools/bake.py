"""Bake in a process of its own, so that what the hooks print lands in a log."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.baking import TEMPLATE, bake
from tools.processes import clean_environment, run_logged

TIMEOUT_SECONDS = 180


def bake_logged(
    answers: Mapping[str, str | bool], into: Path, log: Path, *, lock: bool = True, **extra: str
) -> Path | str:
    """Bake ``answers`` below ``into``; return the project's folder, or what went wrong.

    ``extra`` is added to the environment of the hooks. See ``tests.baking.bake`` for ``lock``.
    """
    fault = run_logged(
        [sys.executable, "-m", __name__, json.dumps(dict(answers)), str(into), json.dumps(lock)],
        cwd=TEMPLATE,
        environment=clean_environment(**extra),
        log=log,
        timeout_seconds=TIMEOUT_SECONDS,
    )
    return fault or next(folder for folder in into.iterdir() if folder.is_dir())


if __name__ == "__main__":
    bake(json.loads(sys.argv[1]), Path(sys.argv[2]), lock=json.loads(sys.argv[3]))
