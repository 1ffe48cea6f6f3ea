"""The Python interpreters of this machine, by version."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tools.processes import clean_environment

VERSIONS = ("3.14", "3.13", "3.12", "3.11")
LOOK_SECONDS = 30


def installed() -> dict[str, Path]:
    """Return one working interpreter for each of ``VERSIONS`` that is here, the newest first.

    Looked for on PATH, under pyenv's versions and among those that uv manages. A pyenv shim that
    stands for no version counts as absent.
    """
    found = {}
    for version in VERSIONS:
        answers = (_ask(path) for path in _candidates(version))
        interpreter = next((path for running, path in answers if running == version), None)
        if interpreter:
            found[version] = interpreter
    return found


def choose(wanted: str, floor: str, here: dict[str, Path]) -> str | None:
    """Return the version to run a bake on, or ``None`` if the wanted one is missing.

    ``floor`` is the lowest version that the bake allows. The newest version of ``VERSIONS`` may
    not be packaged yet where the bake is tested: the newest one that is here stands for it.
    """
    if wanted in here:
        return wanted
    return newest(floor, here) if wanted == VERSIONS[0] else None


def newest(floor: str, here: dict[str, Path]) -> str | None:
    """Return the newest version in ``here`` that is at least ``floor``, or ``None``."""
    allowed = [version for version in here if _order(version) >= _order(floor)]
    return max(allowed, key=_order, default=None)


def _order(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def _candidates(version: str) -> list[Path]:
    on_path = [
        Path(folder) / f"python{version}"
        for folder in clean_environment().get("PATH", os.defpath).split(os.pathsep)
    ]
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    candidates = [*on_path, *sorted(pyenv.glob(f"{version}.*/bin/python3"))]
    managed = _managed_by_uv(version)
    return [path for path in [*candidates, *managed] if path.is_file()]


def _managed_by_uv(version: str) -> list[Path]:
    uv = shutil.which("uv")
    if uv is None:
        return []
    answer = subprocess.run(
        [uv, "python", "find", "--no-config", "--managed-python", "--no-python-downloads", version],
        capture_output=True,
        text=True,
        timeout=LOOK_SECONDS,
        check=False,
        cwd="/",
    )
    return [Path(answer.stdout.strip())] if answer.returncode == 0 else []


def _ask(interpreter: Path) -> tuple[str, Path]:
    """Return the version that ``interpreter`` reports, empty if it does not run, and its path.

    The path is its own account of it: a shim answers with the program that it stands for.
    """
    try:
        answer = subprocess.run(
            [
                str(interpreter),
                "-c",
                "import sys; print('%d.%d' % sys.version_info[:2]); print(sys.executable)",
            ],
            capture_output=True,
            text=True,
            timeout=LOOK_SECONDS,
            check=True,
            cwd="/",
        )
        version, path = answer.stdout.splitlines()
    except (OSError, ValueError, subprocess.SubprocessError):
        return "", interpreter
    return version, Path(path)


def main(versions: list[str]) -> int:
    """Print those of ``versions`` that are missing on one line; return 1 if there is one."""
    here = installed()
    missing = [version for version in versions if version not in here]
    print(*missing)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
