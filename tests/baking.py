"""Bakes the template: ``bake(answers, into)`` gives a ``BakedProject`` to look at and to run."""

import contextlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import jinja2
from cookiecutter import generate
from cookiecutter.main import cookiecutter
from cookiecutter.utils import create_env_with_context
from jinja2.bccache import Bucket

TEMPLATE = Path(__file__).resolve().parents[1]
SERVICE = TEMPLATE / "{{cookiecutter.project_slug}}"
RUN_TIMEOUT_SECONDS = 600.0

Answers = Mapping[str, str | bool]


class CompiledTemplates(jinja2.BytecodeCache):
    """What Jinja has compiled in this process: compiling takes more than half of a bake.

    https://jinja.palletsprojects.com/en/stable/api/#bytecode-cache
    """

    def __init__(self) -> None:
        self._compiled: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if compiled := self._compiled.get(bucket.key + bucket.checksum):
            bucket.bytecode_from_string(compiled)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._compiled[bucket.key + bucket.checksum] = bucket.bytecode_to_string()

    def environment(self, context: dict[str, Any]) -> jinja2.Environment:
        """Return cookiecutter's own environment, with this cache."""
        environment = create_env_with_context(context)
        environment.bytecode_cache = self
        return environment


# For all bakes of this process; those on cookiecutter's command line have processes of their own.
generate.create_env_with_context = CompiledTemplates().environment


def copy_template(folder: Path) -> Path:
    """Copy the template as it stands, committed or not, into a new ``folder``, and return it.

    What git ignores stays behind: other tests write and remove such files meanwhile.
    """
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=TEMPLATE,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for name in filter(None, listed.split("\0")):
        # A file that was removed but not committed yet is still listed.
        if (TEMPLATE / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(TEMPLATE / name, folder / name)
    return folder


@dataclass(frozen=True)
class BakedProject:
    """A project that was baked, at ``path``."""

    path: Path

    @property
    def files(self) -> list[str]:
        """Every file's path from the project's root, with ``/``, sorted."""
        return sorted(
            file.relative_to(self.path).as_posix()
            for file in self.path.rglob("*")
            if file.is_file()
        )

    def has_file(self, name: str) -> bool:
        """Tell whether ``name``, a path from the project's root, is a file or a folder here."""
        return (self.path / name).exists()

    def text(self, name: str) -> str:
        return (self.path / name).read_text("utf-8")

    def run(
        self,
        *command: str,
        check: bool = True,
        timeout_seconds: float = RUN_TIMEOUT_SECONDS,
        environment: Mapping[str, str] | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Run ``command`` at the project's root, with ``environment`` added to this process's.

        Raises:
            AssertionError: with what was printed, when ``check`` and the command fails.
            subprocess.TimeoutExpired: after ``timeout_seconds``.
        """
        # The virtual environment of these tests is not the project's.
        inherited = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
        done = subprocess.run(
            command,
            cwd=self.path,
            env={**inherited, **(environment or {})},
            capture_output=True,
            text=True,
            timeout=timeout_seconds,
            check=False,
        )
        if check and done.returncode:
            raise AssertionError(
                f"{' '.join(command)} ended with {done.returncode} in {self.path}\n"
                f"{done.stdout}{done.stderr}"
            )
        return done


def bake(
    answers: Answers, into: Path, *, lock: bool = True, overwrite: bool = False
) -> BakedProject:
    """Bake the template into a new folder below ``into``, which is made when it is missing.

    Not for threads: cookiecutter changes the working directory while it renders.

    Args:
        answers: those that differ from the defaults; as on cookiecutter's command line, texts are
            rendered as templates.
        into: the folder that gets the project's folder.
        lock: whether uv may prune the lock file, which needs uv and either its cache or a network.
        overwrite: whether a project that is there already is written over.

    Raises:
        cookiecutter.exceptions.CookiecutterException: when an answer is refused.
    """
    with tempfile.TemporaryDirectory() as folder, own_environment(Path(folder), uv=lock):
        path = cookiecutter(
            str(TEMPLATE),
            no_input=True,
            extra_context=dict(answers),
            output_dir=str(into),
            overwrite_if_exists=overwrite,
            default_config={"replay_dir": folder, "cookiecutters_dir": folder},
        )
    return BakedProject(Path(path))


@contextlib.contextmanager
def own_environment(folder: Path, *, uv: bool) -> Iterator[None]:
    """Keep what cookiecutter leaves behind in ``folder``; without ``uv``, let hooks find no command.

    cookiecutter never removes the scripts that it renders from hooks, answers and all.
    """
    searched, temporary = os.environ["PATH"], tempfile.tempdir
    tempfile.tempdir = str(folder)
    if not uv:
        os.environ["PATH"] = str(folder)
    try:
        yield
    finally:
        os.environ["PATH"], tempfile.tempdir = searched, temporary


def run_cookiecutter(
    into: Path,
    *arguments: str,
    typed: str = "",
    environment: Mapping[str, str] | None = None,
    template: Path = TEMPLATE,
    stdout: int = subprocess.PIPE,
) -> subprocess.CompletedProcess[str]:
    """Bake on cookiecutter's command line, as a person does, into the folder ``into``; without uv.

    Args:
        arguments: options and answers, such as ``--no-input`` or ``database=mysql``.
        typed: what is typed at the prompts, a line for each.
        environment: what is added to this process's environment.
        template: where the template is.
        stdout: the file descriptor to print to.
    """
    into.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder, "config.yaml")
        config.write_text(f"replay_dir: {folder}\ncookiecutters_dir: {folder}\n", "utf-8")
        command = ["-m", "cookiecutter", "--config-file", str(config), str(template), *arguments]
        # A shell says in PWD where it stands.
        own = {"PWD": str(into), "PATH": folder, "TMPDIR": folder}
        return subprocess.run(
            [sys.executable, *command],
            cwd=into,
            env={**os.environ, **own, **(environment or {})},
            input=typed,
            stdout=stdout,
            stderr=subprocess.PIPE,
            text=True,
            timeout=RUN_TIMEOUT_SECONDS,
            check=False,
        )


def hook(name: str) -> ModuleType:
    """Return the hook ``name`` as a module: its functions can be called, nothing has run yet."""
    path = TEMPLATE / "hooks" / f"{name}.py"
    specification = importlib.util.spec_from_file_location(name, path)
    assert specification
    assert specification.loader
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module
