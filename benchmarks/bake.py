"""What a bake with the default answers costs, beside one of a template with a single file.

``python -m benchmarks.bake`` runs the two in turn with the network cut, and without uv, so that
the lock step is left out. It prints seconds on the wall and their ratio.
"""

import argparse
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.baking import TEMPLATE

NO_NETWORK = ["unshare", "--net", "--map-root-user"]
# Without the folder in which uv is.
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}


def main() -> int:
    """Print the figures; return 1 if a bake failed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=9, help="of each, taking turns (default: 9)")
    runs = parser.parse_args().runs
    prefix = NO_NETWORK if network_can_be_cut() else []
    with TemporaryDirectory() as folder:
        templates = {"one file": bare_template(Path(folder)), "default": checkout(Path(folder))}
        seconds: dict[str, list[float]] = {name: [] for name in templates}
        for run in range(runs):
            for name, template in templates.items():
                into = Path(folder) / f"{run} {name}"
                seconds[name].append(bake_seconds(prefix, template, into))
    print(
        f"{runs} bakes of each, network {'cut' if prefix else 'NOT cut: unshare cannot run here'}"
    )
    for name, all_seconds in seconds.items():
        median, least, most = statistics.median(all_seconds), min(all_seconds), max(all_seconds)
        print(f"{name:>9}: median {median:.2f} s, from {least:.2f} to {most:.2f} s")
    medians = [statistics.median(all_seconds) for all_seconds in seconds.values()]
    print(f"    ratio: {medians[1] / medians[0]:.1f}")
    return 0


def network_can_be_cut() -> bool:
    """Return whether commands can be run in a network of their own, in which nothing is."""
    if not shutil.which(NO_NETWORK[0]):
        return False
    return subprocess.run([*NO_NETWORK, "true"], capture_output=True, check=False).returncode == 0


def bare_template(folder: Path) -> Path:
    """Write the smallest template that there is: one question, one file."""
    template = folder / "bare"
    project = template / "{{cookiecutter.project_slug}}"
    project.mkdir(parents=True)
    (project / "README.md").write_text("{{ cookiecutter.project_slug }}\n", "utf-8")
    (template / "cookiecutter.json").write_text('{"project_slug": "my_service"}', "utf-8")
    return template


def checkout(folder: Path) -> Path:
    """Clone the template as it is committed, as a person gets it: without caches and bakes."""
    clone = folder / "template"
    subprocess.run(["git", "clone", "--quiet", TEMPLATE, clone], check=True)
    return clone


def bake_seconds(prefix: list[str], template: Path, into: Path) -> float:
    """Bake ``template`` into the new folder ``into``; return how long that took.

    The bake stays until all are measured: ext4 without a journal does not give out again for a minute
    what was freed, and takes the longer to find something else.
    """
    into.mkdir()
    command = [*prefix, sys.executable, "-m", "cookiecutter", str(template)]
    started = time.perf_counter()
    subprocess.run(
        [*command, "--no-input", "--output-dir", str(into)],
        env=ENVIRONMENT | {"HOME": str(into.parent)},
        cwd=into,
        stdout=subprocess.DEVNULL,
        check=True,
    )
    return time.perf_counter() - started


if __name__ == "__main__":
    sys.exit(main())
