"""Runs a Markdown document as its reader would: files are written, commands run, output compared.

What counts, by the language of a fenced block:

- ``console``: a line that begins with ``$`` is a command, the lines below it are its output, in
  which ``…`` stands for anything.
- a language and a path, such as ``python src/apps/notes/models.py``: the file's whole text.
- ``diff`` and a path: lines with ``+`` are put in below the line that stands above them.
"""

import os
import re
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from markdown_it import MarkdownIt

COMMAND_TIMEOUT_SECONDS = 600.0
# These serve until they are stopped: the reader is told to open another terminal.
SERVERS = frozenset({"make demo", "make dev", "make worker", "make beat"})
# Where the documents say that the service is.
SHOWN_ADDRESS = "127.0.0.1:8000"
# What would make a command of a document run otherwise than on its reader's machine.
DROPPED_VARIABLES = frozenset(
    {
        "CACHE_URL",
        "CELERY_BROKER_URL",
        "CI",
        "DATABASE_URL",
        "DJANGO_SETTINGS_MODULE",
        "MAKEFLAGS",
        "MAKELEVEL",
        "MFLAGS",
        "VIRTUAL_ENV",
    }
)


@dataclass(frozen=True)
class Command:
    """A command of a document, with the output that the document shows."""

    text: str
    output: str


@dataclass(frozen=True)
class File:
    """A file that a document tells its reader to write."""

    path: str
    text: str


@dataclass(frozen=True)
class Insertion:
    """Lines that a document tells its reader to put in below ``anchor``."""

    path: str
    anchor: str
    lines: str


Step = Command | File | Insertion


def steps(markdown: str) -> Iterator[Step]:
    """Yield what the reader of ``markdown`` does, in order."""
    for token in MarkdownIt().parse(markdown):
        if token.type != "fence":
            continue
        language, _, path = token.info.strip().partition(" ")
        if language == "console":
            yield from _commands(token.content)
        elif language == "diff":
            yield _insertion(path, token.content)
        elif path:
            yield File(path, token.content)


def _commands(block: str) -> Iterator[Command]:
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, _, output = part.partition("\n")
        yield Command(command, output)


def _insertion(path: str, block: str) -> Insertion:
    lines = block.splitlines()
    added = [line[1:] for line in lines if line.startswith("+")]
    first = next(index for index, line in enumerate(lines) if line.startswith("+"))
    return Insertion(path, lines[first - 1][1:], "".join(f"{line}\n" for line in added))


def matches(shown: str, printed: str) -> bool:
    """Tell whether ``printed`` is what a document shows, ``…`` standing for anything."""
    parts = (re.escape(part.strip("\n")) for part in shown.strip().split("…"))
    return re.fullmatch(r"\s*" + r".*?".join(parts) + r"\s*", printed, re.DOTALL) is not None


@dataclass
class Reader:
    """Somebody at a shell in ``folder``, who does what a document says.

    ``port`` is where the servers that it starts listen, in place of the port that it shows.
    """

    folder: Path
    port: int
    _servers: list["Server"] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._shell = subprocess.Popen(
            ["bash", "--norc"],
            cwd=self.folder,
            env=self._variables(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for server in self._servers:
            server.stop()
        stop(self._shell)
        close_pipes(self._shell)

    def _variables(self) -> dict[str, str]:
        inherited = {
            name: value for name, value in os.environ.items() if name not in DROPPED_VARIABLES
        }
        return {**inherited, "PORT": str(self.port)}

    def follow(self, step: Step) -> None:
        """Do what ``step`` says.

        Raises:
            AssertionError: when a command fails, or prints something else than the document shows.
        """
        match step:
            case File(path, text):
                target = self.folder / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(text, "utf-8")
            case Insertion(path, anchor, lines):
                target = self.folder / path
                text = target.read_text("utf-8")
                assert text.count(f"{anchor}\n") == 1, f"{path} must have one line {anchor!r}"
                target.write_text(text.replace(f"{anchor}\n", f"{anchor}\n{lines}"), "utf-8")
            case Command(text, output) if text in SERVERS:
                server = Server(text, self.folder, self._variables())
                self._servers.append(server)
                server.wait_for(self._here(output))
            case Command(text, output):
                status, printed = self._run(self._here(text))
                assert status == 0, f"$ {text}\nended with {status}:\n{printed}"
                assert matches(self._here(output), printed), (
                    f"$ {text}\nprinted:\n{printed}\nbut the document shows:\n{output}"
                )

    def _here(self, text: str) -> str:
        return text.replace(SHOWN_ADDRESS, f"127.0.0.1:{self.port}")

    def _run(self, command: str) -> tuple[int, str]:
        assert self._shell.stdin is not None
        assert self._shell.stdout is not None
        end = f"--- end of {id(command)}"
        # In braces and without input of its own: the shell's input is what we write here.
        self._shell.stdin.write(f'{{ {command}\n}} </dev/null; echo "\n{end} $?"\n')
        self._shell.stdin.flush()
        watchdog = threading.Timer(COMMAND_TIMEOUT_SECONDS, stop, [self._shell])
        watchdog.start()
        printed: list[str] = []
        try:
            for line in self._shell.stdout:
                if line.startswith(end):
                    return int(line.removeprefix(end)), "".join(printed)
                printed.append(line)
        finally:
            watchdog.cancel()
        raise AssertionError(f"the shell ended within: {command}\n{''.join(printed)}")


class Server:
    """A command that goes on while the reader goes on."""

    def __init__(self, command: str, folder: Path, variables: Mapping[str, str]) -> None:
        self._command = command
        self._process = subprocess.Popen(
            ["bash", "--norc", "-c", command],
            cwd=folder,
            env={**variables, "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self._printed = ""
        self._news = threading.Condition()
        self._listener = threading.Thread(target=self._listen)
        self._listener.start()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            with self._news:
                self._printed += line
                self._news.notify_all()
        self._process.wait()
        with self._news:
            self._news.notify_all()

    def wait_for(self, shown: str) -> None:
        """Wait until the server has printed what the document shows.

        Raises:
            AssertionError: when it ends before, or does not print it in time.
        """
        with self._news:
            came = self._news.wait_for(
                lambda: matches(shown, self._printed) or self._process.poll() is not None,
                COMMAND_TIMEOUT_SECONDS,
            )
            assert came, f"$ {self._command}\nprinted only:\n{self._printed}"
            assert self._process.poll() is None, f"$ {self._command}\nended:\n{self._printed}"

    def stop(self) -> None:
        stop(self._process)
        self._listener.join()
        close_pipes(self._process)


def stop(process: subprocess.Popen[str]) -> None:
    """End a process and all that it started."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=10)


def close_pipes(process: subprocess.Popen[str]) -> None:
    """Let go of what connected us to a process that has ended."""
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()


def missing_tools(markdown: str) -> list[str]:
    """Return the tools that the commands of ``markdown`` need and this machine lacks."""
    needed = {"curl"} if re.search(r"[$(] ?curl ", markdown) else set()
    return sorted(tool for tool in needed if shutil.which(tool) is None)
