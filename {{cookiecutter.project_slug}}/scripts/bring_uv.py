"""Put uv into a folder, for a machine that has Python but no uv: ``bring_uv.py .uv``.

A virtual environment with pip is tried first, since pip knows the machine's index, proxy and
certificates. Debian's ``python3`` comes without ``venv`` and pip: there the wheel is fetched with
the standard library and checked against the digest that the index names.

https://docs.astral.sh/uv/getting-started/installation/
"""

# Read by Pythons that are too old, so that they can say so.
from __future__ import annotations

import base64
import hashlib
import html.parser
import io
import os
import platform
import re
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
import zipfile
from pathlib import Path

VERSION = "0.13.8"
PYTHON_FLOOR = (3, 11)
DEFAULT_INDEX = "https://pypi.org/simple"
TIMEOUT_SECONDS = 60
PIP_TIMEOUT_SECONDS = 300
BY_HAND = "Install it by hand: https://docs.astral.sh/uv/getting-started/installation/"


class NotBroughtError(Exception):
    """uv could not be fetched; the message says why, for people."""


class Links(html.parser.HTMLParser):
    """The ``href`` of every link on a page of a package index (PEP 503)."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.found += [value for name, value in attrs if name == "href" and value]


def main(arguments: list[str]) -> int:
    """Put uv into the folder that ``arguments`` name; return the exit code, 0 when it is there."""
    if sys.version_info < PYTHON_FLOOR:
        running = ".".join(map(str, sys.version_info[:3]))
        print(
            f"Python {running} at {sys.executable} is too old: 3.11 or later is needed. "
            "Name a newer one with `make PYTHON=/path/to/python3.11 ...`.",
            file=sys.stderr,
        )
        return 1
    if len(arguments) != 1:
        print("usage: bring_uv.py FOLDER", file=sys.stderr)
        return 2
    folder = Path(arguments[0])
    print(f"uv is not installed here: fetching uv {VERSION} into {folder}/", file=sys.stderr)
    try:
        if not by_pip(folder):
            by_standard_library(folder)
    except NotBroughtError as problem:
        print(f"uv could not be fetched: {problem}\n{BY_HAND}", file=sys.stderr)
        return 1
    return 0


def by_pip(folder: Path) -> bool:
    """Install uv with the pip of a new virtual environment; return whether that worked."""
    steps = [
        [sys.executable, "-m", "venv", str(folder)],
        [
            str(folder / "bin" / "python"),
            *("-m", "pip", "install", "--quiet", "--disable-pip-version-check"),
            f"uv=={VERSION}",
        ],
    ]
    for step in steps:
        try:
            subprocess.run(
                step, check=True, capture_output=True, text=True, timeout=PIP_TIMEOUT_SECONDS
            )
        except subprocess.CalledProcessError as problem:
            lines = (problem.stderr or problem.stdout).strip().splitlines() or ["no reason given"]
            print(f"`{' '.join(step[1:])}` did not work: {lines[-1]}", file=sys.stderr)
            return False
        except (OSError, subprocess.TimeoutExpired) as problem:
            print(f"`{' '.join(step[1:])}` did not work: {problem}", file=sys.stderr)
            return False
    return True


def by_standard_library(folder: Path) -> None:
    """Fetch the wheel from the index, check its digest and unpack the program.

    Raises:
        NotBroughtError: if the index cannot be read, holds no wheel for this machine, or sends other
            bytes than it announced.
    """
    print("Fetching the wheel without pip.", file=sys.stderr)
    index = os.environ.get("UV_DEFAULT_INDEX") or os.environ.get("PIP_INDEX_URL") or DEFAULT_INDEX
    page = f"{index.rstrip('/')}/uv/"
    links = Links()
    links.feed(fetch(page).decode())
    link = next((link for link in links.found if fits(link)), None)
    if link is None:
        raise NotBroughtError(
            f"{without_password(page)} has no wheel of uv {VERSION} for {platform.machine()}."
        )
    address, fragment = urllib.parse.urldefrag(urllib.parse.urljoin(page, link))
    announced = re.fullmatch(r"sha256=([0-9a-f]{64})", fragment)
    if not announced:
        raise NotBroughtError(f"the index names no sha256 for {without_password(address)}.")
    wheel = fetch(address)
    if hashlib.sha256(wheel).hexdigest() != announced[1]:
        raise NotBroughtError(f"{without_password(address)} does not have the announced sha256.")
    unpack(wheel, folder)


def fits(link: str) -> bool:
    """Tell whether a link of the index leads to the wheel of ``VERSION`` for this machine.

    Only Linux is looked for: Python comes with pip on every other system.
    """
    name = urllib.parse.unquote(urllib.parse.urlsplit(link).path).rsplit("/", 1)[-1]
    library = "manylinux" if platform.libc_ver()[0] == "glibc" else "musllinux"
    return (
        name.startswith(f"uv-{VERSION}-")
        and name.endswith(f"{platform.machine()}.whl")
        and library in name
    )


def fetch(address: str) -> bytes:
    """Return what ``address`` answers; a user and password in it are sent as basic authentication.

    Raises:
        NotBroughtError: if it does not answer.
    """
    parts = urllib.parse.urlsplit(address)
    request = urllib.request.Request(without_password(address))
    if parts.username:
        pair = (
            f"{urllib.parse.unquote(parts.username)}:{urllib.parse.unquote(parts.password or '')}"
        )
        request.add_header("Authorization", f"Basic {base64.b64encode(pair.encode()).decode()}")
    try:
        with urllib.request.urlopen(  # nosec B310 (of an index that pip is set to)
            request, timeout=TIMEOUT_SECONDS
        ) as response:
            return bytes(response.read())
    except (OSError, ValueError) as problem:
        raise NotBroughtError(f"{without_password(address)} does not answer: {problem}") from None


def without_password(address: str) -> str:
    parts = urllib.parse.urlsplit(address)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def unpack(wheel: bytes, folder: Path) -> None:
    """Write the program in ``wheel`` to ``folder``/bin, in one step, so that none is half there."""
    program = folder / "bin" / "uv"
    program.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
        content = archive.read(f"uv-{VERSION}.data/scripts/uv")
    unfinished = program.with_suffix(".part")
    unfinished.write_bytes(content)
    unfinished.chmod(0o755)
    unfinished.replace(program)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
