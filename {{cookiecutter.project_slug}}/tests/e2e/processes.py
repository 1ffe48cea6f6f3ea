"""Starts the processes of the service for real, and stops them."""

import os
import random
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import ClassVar, TypeVar

from tests.e2e.http import Client

PROJECT_DIR = Path(__file__).resolve().parents[2]
SOURCE_DIR = PROJECT_DIR / "src"
# Generous, since they only end what hangs: nothing waits longer than it must.
START_SECONDS = 30.0
# A worker that is stopped in the moment in which a child takes a task forgets it (AsynPool.flush): the
# child ends it, waits 30 s to be heard (billiard, Worker._ensure_messages_consumed), and the task is
# delivered again.
STOP_SECONDS = 60.0
STACKS_SECONDS = 2.0
# % if cookiecutter.import_export
COMMAND_SECONDS = 120.0
# % endif
POLL_SECONDS = 0.02
# Below those that Linux gives to clients: one of which could take the port of a server that is about to
# start, or that a test has stopped.
# https://docs.kernel.org/networking/ip-sysctl.html (ip_local_port_range)
SERVER_PORTS = range(20_000, 32_000)
INHERITED = ("PATH", "HOME", "TMPDIR", "LANG", "LD_LIBRARY_PATH", "VIRTUAL_ENV")
# The entry of tests.e2e.beating, and how often it is due.
OFTEN = "e2e-often"
OFTEN_SECONDS = 0.5

T = TypeVar("T")


def wait_for(condition: Callable[[], T], what: str, *, seconds: float = START_SECONDS) -> T:
    """Return what ``condition`` returns as soon as that is true.

    Raises:
        AssertionError: naming ``what`` was waited for, when it is not true within ``seconds``.
    """
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(POLL_SECONDS)
    return value


def of_the_machine() -> dict[str, str]:
    """Return the variables that a process needs of the machine, and none of the service's."""
    return {name: os.environ[name] for name in INHERITED if name in os.environ}


def free_port() -> int:
    """Return one of ``SERVER_PORTS`` on which nothing listens.

    Raises:
        AssertionError: if there is none.
    """
    # Test runs side by side may have been given one seed.
    for port in random.SystemRandom().sample(SERVER_PORTS, len(SERVER_PORTS)):
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    raise AssertionError(f"no port from {SERVER_PORTS[0]} to {SERVER_PORTS[-1]} is free")


def is_alive(process: int) -> bool:
    """Tell whether the process with this id runs."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


class Process:
    """A process of the service with its children; all that they print is in ``log``."""

    running: ClassVar[list["Process"]] = []

    def __init__(
        self, name: str, command: list[str], *, environment: Mapping[str, str], log: Path
    ) -> None:
        self.name = name
        self._log = log
        self._was_killed = False
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                [sys.executable, *command],
                cwd=PROJECT_DIR,
                env={**of_the_machine(), "PYTHONUNBUFFERED": "1", **environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                # A group of its own, so that whatever it starts can be killed with it.
                start_new_session=True,
            )
        Process.running.append(self)

    @property
    def output(self) -> str:
        """What it has printed so far."""
        return self._log.read_text("utf-8", errors="replace")

    @property
    def exit_code(self) -> int | None:
        """Its exit code, or ``None`` while it runs."""
        return self._process.poll()

    def wait_for(self, condition: Callable[[], T], what: str) -> T:
        """Like the function ``wait_for``, but end at once when the process has ended."""

        def alive_and_true() -> T:
            code = self.exit_code
            assert code is None, f"{self.name} ended with {code}: {what}\n{self.output}"
            return condition()

        return wait_for(alive_and_true, f"{self.name}: {what}")

    def wait_until_printed(self, text: str, *, times: int = 1) -> None:
        self.wait_for(lambda: self.output.count(text) >= times, f"printing {text!r}")

    def terminate(self) -> None:
        """Ask it to stop, as an orchestrator does, and return at once."""
        self._process.send_signal(signal.SIGTERM)

    def stop(self) -> None:
        """Ask it to stop, and see that it does so cleanly.

        Raises:
            AssertionError: if it ends with an error, or not within ``STOP_SECONDS``.
        """
        if self not in Process.running:
            return
        if self._was_killed:
            self.kill()
            return
        try:
            self.terminate()
            code = self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            code = None
            self._print_stacks()
        finally:
            self.kill()
        assert code == 0, f"{self.name} ended with {code} after SIGTERM:\n{self.output}"

    def _print_stacks(self) -> None:
        """Let a worker that hangs print where its threads are, as Celery does at SIGUSR1."""
        self._process.send_signal(signal.SIGUSR1)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(STACKS_SECONDS)

    def children(self) -> list[int]:
        """Return the ids of the processes that it has started (Linux)."""
        found = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text()
        return [int(child) for child in found.split()]

    def kill_children(self) -> None:
        """Kill what it has started, and leave it alone itself."""
        for child in self.children():
            os.kill(child, signal.SIGKILL)

    def kill_alone(self) -> None:
        """Kill it, and leave its children to themselves until the end of the test."""
        self._was_killed = True
        os.kill(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def kill(self) -> None:
        """Kill it and its children; they get no chance to clean up."""
        if self in Process.running:
            Process.running.remove(self)
            try:
                os.killpg(self._process.pid, signal.SIGKILL)
            except ProcessLookupError:  # All of them had ended.
                return
            self._process.wait()


class WebServer(Process):
    """gunicorn, on a port of its own."""

    port: int
    host: str
    interface: str

    def workers(self) -> list[int]:
        """Return the process ids of the workers that run."""
        started = re.findall(r"Booting worker with pid: (\d+)", self.output)
        return [int(process) for process in started if is_alive(int(process))]

    def kill_worker(self) -> int:
        """Kill the only worker, wait until another one answers, and return whom it killed."""
        [worker] = self.workers()
        os.kill(worker, signal.SIGKILL)
        self.wait_for(lambda: set(self.workers()) - {worker}, "a new worker")
        self.wait_for(self.client().answers, "answering again")
        return worker

    def client(self) -> Client:
        """Return a client that speaks as the load balancer in front of the service does."""
        return Client(self.port, {"Host": self.host, "X-Forwarded-Proto": "https"})


class Launcher:
    """Starts processes with one environment, and stops those that still run at its end."""

    def __init__(self, environment: Mapping[str, str], folder: Path) -> None:
        self._environment = environment
        self._folder = folder
        self._started: list[Process] = []

    def __enter__(self) -> "Launcher":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for process in reversed(self._started):
            if process in Process.running:
                process.stop() if error is None else process.kill()

    def web(self, *application: str, **variables: str) -> WebServer:
        """Start gunicorn as the image does, and wait until it answers.

        Args:
            application: what to serve instead of the service's own, as ``package.module:name``.
            variables: what the environment holds besides.
        """
        port = free_port()
        environment = self._environment | {"HOST": "127.0.0.1", "PORT": str(port)} | variables
        configuration = str(SOURCE_DIR / "config" / "gunicorn.conf.py")
        server = WebServer(
            "gunicorn",
            ["-m", "gunicorn", "--config", configuration, *application],
            environment={"PYTHONPATH": str(PROJECT_DIR)} | environment,
            log=self._log("gunicorn"),
        )
        server.port = port
        server.interface = environment.get("SERVER_INTERFACE") or "wsgi"
        server.host = environment["ALLOWED_HOSTS"].partition(",")[0]
        self._started.append(server)
        server.wait_for(server.client().answers, "answering /live/")
        return server

    def worker(self, *options: str, until: str = " ready.", **variables: str) -> Process:
        """Start a worker that knows ``tests.e2e.tasks`` as well, and wait for what it prints."""
        worker = self._celery(
            "worker",
            *("--queues", "critical,default,bulk", "--concurrency", "2"),
            # Talking to other workers first takes a second.
            *("--without-mingle", "--without-gossip", "--include", "tests.e2e.tasks"),
            *("--hostname", f"e2e-{len(self._started)}@%h", *options),
            variables=variables,
        )
        worker.wait_until_printed(until)
        return worker

    # % if cookiecutter.import_export
    def run(self, *command: str) -> Process:
        """Run Python with ``command``, and return the process once it has ended well.

        Raises:
            AssertionError: if it ends with an error, or not within ``COMMAND_SECONDS``.
        """
        process = Process(
            "python",
            list(command),
            environment=self._environment | {"PYTHONPATH": str(PROJECT_DIR)},
            log=self._log("python"),
        )
        wait_for(
            lambda: process.exit_code is not None, "the end of the command", seconds=COMMAND_SECONDS
        )
        Process.running.remove(process)
        assert process.exit_code == 0, process.output
        return process

    # % endif
    def beat(self, app: str = "config.celery") -> Process:
        """Start a scheduler."""
        return self._celery("beat", "--pidfile", "", app=app, variables={})

    def _celery(
        self,
        command: str,
        *options: str,
        variables: Mapping[str, str],
        app: str = "config.celery",
    ) -> Process:
        process = Process(
            command,
            [
                *("-m", "celery", "--app", app, "--workdir", str(SOURCE_DIR)),
                *(command, "--loglevel", "INFO", *options),
            ],
            environment=self._environment | {"PYTHONPATH": str(PROJECT_DIR)} | variables,
            log=self._log(command),
        )
        self._started.append(process)
        return process

    def _log(self, name: str) -> Path:
        return self._folder / f"{len(self._started)}-{name}.log"
