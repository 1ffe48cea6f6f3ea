"""Make the seed locks, one for each Django version: ``python -m tools.seed_lock``.

A seed is the lock of everything that some combination of answers needs. The bake's hook names it
after the project and lets ``uv lock`` prune it, so that a bake gets the versions tested here.
"""

import json
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from tests.baking import SERVICE
from tools import interpreters
from tools.bake import bake_logged
from tools.combinations import Row, rows
from tools.processes import clean_environment, tail

LOCKS = SERVICE / "locks"
# What the seed is called until the hook gives it the project's name.
NAME = "seed"
INDEX = "https://pypi.org/simple"
FILES = "https://files.pythonhosted.org/"
LOCK_TIMEOUT_SECONDS = 600


def seed_path(django_version: str) -> Path:
    return LOCKS / f"django-{django_version}.lock"


def union(tables: list[dict]) -> dict:
    """Return one ``pyproject.toml``, as data, that needs all that ``tables`` need.

    Raises:
        ValueError: if the bakes differ in something that a lock depends on and that has no union.
    """
    first = tables[0]
    for table in tables:
        for path in (("project", "requires-python"), ("tool", "uv")):
            if _get(table, path) != _get(first, path):
                raise ValueError(f"The bakes of one Django version differ in {'.'.join(path)}.")
    groups = sorted({group for table in tables for group in table.get("dependency-groups", {})})
    return {
        "project": {
            "name": NAME,
            "version": first["project"]["version"],
            "requires-python": first["project"]["requires-python"],
            "dependencies": _all(table["project"]["dependencies"] for table in tables),
        },
        "dependency-groups": {
            group: _all(table.get("dependency-groups", {}).get(group, []) for table in tables)
            for group in groups
        },
        "tool": {"uv": first["tool"]["uv"]},
    }


def _get(table: dict, path: tuple[str, ...]) -> object:
    for key in path:
        table = table.get(key, {})
    return table


def _all(lists) -> list[str]:
    return sorted({entry for entries in lists for entry in entries})


def to_toml(table: dict, name: str = "") -> str:
    """Write nested tables of JSON-like values as TOML: all that a seed's ``pyproject.toml`` has."""
    lines = [f"[{name}]"] if name else []
    lines += [
        f"{key} = {json.dumps(value)}"
        for key, value in table.items()
        if not isinstance(value, dict)
    ]
    for key, value in table.items():
        if isinstance(value, dict):
            lines.append(to_toml(value, f"{name}.{key}" if name else key))
    return "\n".join(lines) + "\n"


def lock(project: dict, into: Path, previous: Path | None) -> str:
    """Return the lock of ``project``, made in the folder ``into``.

    With ``previous``, versions that still fit stay as they are.

    Raises:
        LookupError: if no Python is here that the project allows.
        subprocess.CalledProcessError: if uv finds no solution.
    """
    (into / "pyproject.toml").write_text(to_toml(project), "utf-8")
    if previous and previous.is_file():
        shutil.copy(previous, into / "uv.lock")
    floor = project["project"]["requires-python"].removeprefix(">=")
    here = interpreters.installed()
    python = interpreters.newest(floor, here)
    if python is None:
        raise LookupError(f"Python {floor} or later is missing: uv cannot lock without it.")
    # The machine's own index must not end up in a file that everybody gets.
    environment = {
        name: value for name, value in clean_environment().items() if "INDEX" not in name
    }
    subprocess.run(
        [
            *("uv", "lock", "--quiet", "--no-config", "--default-index", INDEX),
            *("--python", str(here[python])),
        ],
        cwd=into,
        env=environment,
        check=True,
        timeout=LOCK_TIMEOUT_SECONDS,
    )
    return (into / "uv.lock").read_text("utf-8")


def foreign_sources(text: str) -> list[str]:
    """Return what in a lock does not come from the public package index."""
    found = []
    for package in tomllib.loads(text)["package"]:
        source = package["source"]
        if source not in ({"registry": INDEX}, {"virtual": "."}):
            found.append(f"{package['name']}: {source}")
        files = [*package.get("wheels", []), *([package["sdist"]] if "sdist" in package else [])]
        found += [file["url"] for file in files if not file.get("url", "").startswith(FILES)]
    return found


def versions(text: str) -> set[tuple[str, str]]:
    """Return name and version of every package in a lock, the project itself left out."""
    return {
        (package["name"], package["version"])
        for package in tomllib.loads(text)["package"]
        if "registry" in package["source"]
    }


def make(django_version: str, chosen: list[Row], *, upgrade: bool) -> str:
    """Return the seed for ``django_version``, from what the rows in ``chosen`` need."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tables = []
        for row in chosen:
            log = folder / f"{row.name}.log"
            project = bake_logged(row.answers, folder / row.name, log, lock=False)
            if isinstance(project, str):
                raise ChildProcessError(f"{row.name} cannot be baked: {project}\n{tail(log, 20)}")
            tables.append(tomllib.loads((project / "pyproject.toml").read_text("utf-8")))
        into = folder / NAME
        into.mkdir()
        text = lock(union(tables), into, None if upgrade else seed_path(django_version))
    if foreign := foreign_sources(text):
        raise ValueError(f"Not from {INDEX}: {', '.join(foreign)}")
    return text


def main(arguments: list[str]) -> int:
    """Write the seeds; with ``--upgrade``, every package in the newest version that fits."""
    if arguments not in ([], ["--upgrade"]):
        print("usage: python -m tools.seed_lock [--upgrade]", file=sys.stderr)
        return 2
    every_row = rows()
    for django_version in sorted({str(row.answers["django_version"]) for row in every_row}):
        chosen = [row for row in every_row if row.answers["django_version"] == django_version]
        text = make(django_version, chosen, upgrade=bool(arguments))
        seed_path(django_version).parent.mkdir(exist_ok=True)
        seed_path(django_version).write_text(text, "utf-8", newline="\n")
        print(f"{seed_path(django_version).name}: {len(versions(text))} packages")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
