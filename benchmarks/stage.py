"""What the service is measured on: a bake, a database, a Redis, and gunicorn for two projects.

All of it is made for one run, and is gone when that ends.
"""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import redis
from dotenv import dotenv_values

from benchmarks.load import HOST, Question
from benchmarks.size import Size
from tests.baking import TEMPLATE
from tools import servers
from tools.bake import bake_logged
from tools.demo import free_port
from tools.processes import clean_environment, run_logged, stop_group, tail
from tools.servers import Slot

ANSWERS = {"database": "postgresql", "broker": "redis", "auth": "jwt"}
SETTINGS = {"service": "config.settings.production", "bare": "benchmarks.bare.settings"}
CONFIGURATIONS = {
    "service": "src/config/gunicorn.conf.py",
    "bare": str(TEMPLATE / "benchmarks" / "bare" / "gunicorn_conf.py"),
}
APPLICATIONS = {"service": "config.wsgi:application", "bare": "benchmarks.bare.wsgi:application"}
CELERY_APPS = {"service": "config.celery", "bare": "benchmarks.bare.celery"}
QUEUES = {"service": "default", "bare": "bare"}
THREADS = 4
SEEDED = ("users", "admins", "orders", "products")
START_SECONDS = 60
COMMAND_SECONDS = 3_600
POLL_SECONDS = 0.05
TAIL_LINES = 30


class StageError(Exception):
    """Something that the measurements need is missing or fails; the message says what."""


class BenchmarkSlot(Slot):
    """A database that belongs to this run alone."""

    @property
    def name(self) -> str:
        return f"benchmark_{os.getpid()}"


@dataclass(frozen=True)
class Server:
    """gunicorn, listening on ``port``."""

    port: int
    process: "subprocess.Popen[bytes]"

    def workers(self) -> list[int]:
        """Return the ids of the worker processes (Linux)."""
        return children(self.process)

    def cpu_seconds(self) -> float:
        """Return what all workers have used so far: proc(5), fields 14 and 15 of ``stat``."""
        ticks = 0
        for pid in self.workers():
            after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += int(after_name[11]) + int(after_name[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def worker_megabytes(self) -> float:
        """Return the memory of a worker: its own, and its share of what several have in common."""
        workers = self.workers()
        return sum(proportional_set_kilobytes(pid) for pid in workers) / len(workers) / 1024


def children(process: "subprocess.Popen[bytes]") -> list[int]:
    """Return the ids of the processes that ``process`` has started itself (Linux)."""
    parent = process.pid
    return [int(pid) for pid in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]


def proportional_set_kilobytes(pid: int) -> int:
    """Return the PSS of a process: https://docs.kernel.org/filesystems/proc.html"""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1])
    raise StageError(f"process {pid} has no PSS")


@dataclass(frozen=True)
class Stage:
    """A service ready to be measured, in ``project``; logs go to ``logs``."""

    project: Path
    logs: Path
    environment: dict[str, str]

    @property
    def python(self) -> str:
        return str(self.project / ".venv" / "bin" / "python")

    @property
    def host(self) -> str:
        return self.environment["ALLOWED_HOSTS"].partition(",")[0]

    def side(self, name: str) -> dict[str, str]:
        """Return the environment of the ``service`` or of the ``bare`` project."""
        return self.environment | {"DJANGO_SETTINGS_MODULE": SETTINGS[name]}

    def run(self, module: str, data: object = None, *, side: str = "service") -> Any:
        """Run a module with the bake's Python; ``data`` goes in, and what is returned comes out.

        Raises:
            StageError: with what was printed, if it fails.
        """
        done = subprocess.run(
            [self.python, "-m", module],
            cwd=self.project,
            env=self.side(side),
            input=json.dumps(data),
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
            check=False,
        )
        if done.returncode:
            raise StageError(f"{module} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return json.loads(done.stdout.splitlines()[-1])

    def ask(self, questions: Sequence[Question], *, side: str = "service") -> list[dict[str, Any]]:
        """Return what ``benchmarks.inside.ask`` finds for each of ``questions``."""
        answers = self.run("benchmarks.inside.ask", [asdict(one) for one in questions], side=side)
        return list(answers)

    def seed(self, size: Size) -> dict[str, list[str]]:
        """Fill the database, unless that is done; return what ``benchmarks.inside.seed`` made."""
        kept = self.logs / "seeded.json"
        if not kept.exists():
            numbers = {name: getattr(size, name) for name in SEEDED}
            kept.write_text(json.dumps(self.run("benchmarks.inside.seed", numbers)), "utf-8")
        seeded: dict[str, list[str]] = json.loads(kept.read_text("utf-8"))
        return seeded

    def forget_messages(self) -> None:
        """Empty the broker and the cache, which belong to this run."""
        with redis.Redis.from_url(self.environment["CELERY_BROKER_URL"]) as server:
            server.flushall()

    @contextlib.contextmanager
    def server(self, side: str, size: Size) -> Iterator[Server]:
        """Serve the ``service`` or the ``bare`` project, both with the service's configuration.

        Workers are not replaced after some requests, which would fall into one round or another.
        """
        port = free_port()
        command = [
            *(self.python, "-m", "gunicorn", "--config", CONFIGURATIONS[side]),
            *("--max-requests", "0", APPLICATIONS[side]),
        ]
        variables = {
            "HOST": HOST,
            "PORT": str(port),
            "WEB_CONCURRENCY": str(size.workers),
            "WEB_THREADS": str(THREADS),
        }
        with self.process(f"gunicorn-{side}", command, self.side(side) | variables) as process:
            await_listening(port, process)
            yield Server(port, process)

    @contextlib.contextmanager
    def worker(
        self, module: str, *options: str, side: str = "service"
    ) -> Iterator["subprocess.Popen[bytes]"]:
        """Let a worker run the tasks of ``module``, beside those of the ``service`` or the ``bare`` project.

        It works on the queue ``default``, with one process unless ``options`` say something else.
        """
        command = [
            *(self.python, "-m", "celery", "--app", CELERY_APPS[side], "--workdir", "src"),
            *("worker", "--queues", QUEUES[side], "--concurrency", "1", "--loglevel", "INFO"),
            *("--include", module, "--without-mingle", "--without-gossip", *options),
        ]
        with self.process(f"worker-{side}", command, self.side(side)) as process:
            yield process

    @contextlib.contextmanager
    def process(
        self, name: str, command: list[str], environment: dict[str, str]
    ) -> Iterator["subprocess.Popen[bytes]"]:
        """Run ``command`` beside the block; all that it prints is in a log."""
        log = self.logs / f"{name}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                command,
                cwd=self.project,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            yield process
        except Exception as problem:
            raise StageError(f"{problem}\n{name} said:\n{tail(log, TAIL_LINES)}") from problem
        finally:
            stop_group(process)


@contextlib.contextmanager
def stage() -> Iterator[Stage]:
    """Bake the service and start what it needs; take all of it away at the end.

    Raises:
        StageError: if PostgreSQL, Redis or uv is missing, or a step fails.
    """
    reason = servers.missing({"PostgreSQL"}).get("PostgreSQL")
    if reason:
        raise StageError(f"PostgreSQL does not answer at {reason}")
    for program in ("redis-server", "uv"):
        if shutil.which(program) is None:
            raise StageError(f"{program} is not on PATH.")
    slot = BenchmarkSlot(0)
    with contextlib.ExitStack() as ends:
        folder = Path(ends.enter_context(TemporaryDirectory(prefix="benchmark-")))
        log = folder / "prepare.log"
        project = bake_logged(ANSWERS, folder / "bakes", log)
        if isinstance(project, str):
            raise StageError(f"the bake failed: {project}\n{tail(log, TAIL_LINES)}")
        servers.prepare(slot, ["PostgreSQL"])
        ends.callback(servers.remove, slot, ["PostgreSQL"])
        redis_port = free_port()
        example = dotenv_values(project / "tests" / "production.env")
        prepared = Stage(
            project,
            folder,
            clean_environment(**{name: value or "" for name, value in example.items()})
            | {
                "DATABASE_URL": servers.environment(slot, ANSWERS)["DATABASE_URL"],
                "CACHE_URL": f"redis://{HOST}:{redis_port}/1",
                "CELERY_BROKER_URL": f"redis://{HOST}:{redis_port}/0",
                "EMAIL_URL": "consolemail://",
                "PYTHONPATH": os.pathsep.join([str(project / "src"), str(TEMPLATE)]),
            },
        )
        command = ["redis-server", "--port", str(redis_port), "--bind", HOST, "--save", ""]
        server = ends.enter_context(prepared.process("redis", command, clean_environment()))
        await_listening(redis_port, server)
        # As the image is made: production serves no other static files.
        for command in (
            ["uv", "sync", "--locked", "--no-dev"],
            [prepared.python, "src/manage.py", "migrate", "--no-input"],
            [prepared.python, "src/manage.py", "collectstatic", "--no-input"],
        ):
            fault = run_logged(
                command,
                cwd=project,
                environment=prepared.side("service"),
                log=log,
                timeout_seconds=COMMAND_SECONDS,
            )
            if fault:
                raise StageError(f"{' '.join(command)}: {fault}\n{tail(log, TAIL_LINES)}")
        yield prepared


def await_listening(port: int, process: "subprocess.Popen[bytes]") -> None:
    """Wait until ``port`` takes connections.

    Raises:
        StageError: if the process ends before, or does not listen within ``START_SECONDS``.
    """
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection((HOST, port), START_SECONDS).close()
        except OSError:
            time.sleep(POLL_SECONDS)
        else:
            return
    raise StageError(f"nothing listens on port {port}")
