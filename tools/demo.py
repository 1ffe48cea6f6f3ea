"""Bake the default answers and serve them: ``python -m tools.demo``.

With ``--check`` the bake goes to a temporary folder and a free port, is asked what a first user
would ask, and is stopped again.
"""

import contextlib
import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from tests.baking import TEMPLATE, bake
from tools.processes import clean_environment, stop_group, tail

DEMO = TEMPLATE / "demo"
START_SECONDS = 300
STOP_SECONDS = 15
REQUEST_SECONDS = 10
POLL_SECONDS = 0.2
TAIL_LINES = 40
HOST = "127.0.0.1"
# Below those that Linux gives to clients, one of which could have it before the server does:
# https://docs.kernel.org/networking/ip-sysctl.html (ip_local_port_range)
SERVER_PORTS = range(20_000, 32_000)
# As `manage.py seed_demo` of the bake makes them.
EMAIL, PASSWORD = "demo@example.com", "demo-password"


class DemoError(Exception):
    """The demo does not do what it should; the message says what."""


def serve() -> None:
    """Bake into ``DEMO``, unless a bake is there already, and become its ``make dev``."""
    projects = [path.parent for path in DEMO.glob("*/Makefile")]
    if projects:
        project = projects[0]
        print(f"{project} is there already: starting it. Remove {DEMO} to bake it anew.")
    else:
        print(f"Baking the default answers into {DEMO}")
        project = bake({}, DEMO).path
    port = os.environ.get("PORT", "8000")
    print(
        f"The API's pages: http://{HOST}:{port}/api/docs/\n"
        f"The admin: http://{HOST}:{port}/admin/ as {EMAIL} with {PASSWORD}",
        flush=True,
    )
    os.chdir(project)
    os.execvpe("make", ["make", "dev", f"PORT={port}"], clean_environment())


def check() -> None:
    """Bake, start, ask, order and stop, in a temporary folder.

    Raises:
        DemoError: at the first thing that is not as it should be.
    """
    with tempfile.TemporaryDirectory(prefix="demo-") as name:
        say("bake the default answers")
        project = bake({}, Path(name)).path
        with served(project, Path(name) / "server.log") as base:
            use(base)
        say("stopped")


@contextlib.contextmanager
def served(project: Path, log: Path) -> Iterator[str]:
    """Run the bake's ``make dev`` with its output in ``log``; give its address once it is ready.

    Raises:
        DemoError: if it does not start or stop, and for what goes wrong while it runs.
    """
    port = free_port()
    say(f"make dev PORT={port}")
    with log.open("wb") as output:
        server = subprocess.Popen(
            ["make", "dev", f"PORT={port}"],
            cwd=project,
            env=clean_environment(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        await_ready(server, port)
        yield f"http://{HOST}:{port}"
    except (DemoError, OSError, KeyError, IndexError, TypeError, ValueError) as problem:
        raise DemoError(f"{problem!r}\nThe server said:\n{tail(log, TAIL_LINES)}") from problem
    finally:
        stop_group(server)
    await_free(port)


def say(step: str) -> None:
    print(f"demo: {step}", flush=True)


def free_port() -> int:
    """Return one of ``SERVER_PORTS`` on which nothing listens.

    Raises:
        DemoError: if there is none.
    """
    for port in random.sample(SERVER_PORTS, len(SERVER_PORTS)):
        with contextlib.suppress(OSError), socket.create_server((HOST, port)):
            return port
    raise DemoError(f"no port from {SERVER_PORTS[0]} to {SERVER_PORTS[-1]} is free")


def await_ready(server: subprocess.Popen[bytes], port: int) -> None:
    """Wait until ``/ready/`` answers 200.

    Raises:
        DemoError: if the server ends before, or is not ready after ``START_SECONDS``.
    """
    deadline = time.monotonic() + START_SECONDS
    reason = "it does not listen"
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise DemoError(f"`make dev` ended with {server.returncode}.")
        try:
            with urllib.request.urlopen(f"http://{HOST}:{port}/ready/", timeout=REQUEST_SECONDS):
                say("GET /ready/: 200")
                return
        except urllib.error.HTTPError as problem:
            reason = f"/ready/ answers {problem.code}"
        except OSError as problem:
            reason = str(problem)
        time.sleep(POLL_SECONDS)
    raise DemoError(f"not ready after {START_SECONDS} s: {reason}.")


def use(base: str) -> None:
    """Sign in, read a list and place an order.

    Raises:
        DemoError: if an answer is not the expected one.
    """
    tokens = ask(base, "POST", "/api/v1/auth/token/", 200, {"email": EMAIL, "password": PASSWORD})
    access = tokens["access"]
    products = ask(base, "GET", "/api/v1/products/", 200, token=access)["results"]
    if not products:
        raise DemoError("the list of products is empty")
    say(f"{len(products)} products, the first is {products[0]['name']!r}")
    order = {"lines": [{"product": products[0]["id"], "quantity": 1}]}
    placed = ask(base, "POST", "/api/v1/orders/", 201, order, token=access)
    mine = ask(base, "GET", "/api/v1/orders/", 200, token=access)["results"]
    if placed["id"] not in [order["id"] for order in mine]:
        raise DemoError(f"order {placed['id']} is not in the list of orders")
    say(f"order {placed['id']} is placed")


def ask(
    base: str,
    method: str,
    path: str,
    expected: int,
    body: object = None,
    *,
    token: str = "",
) -> dict:
    """Return the JSON that the service answers.

    Raises:
        DemoError: if the status is not ``expected``.
    """
    request = urllib.request.Request(
        base + path,
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Content-Type": "application/json", "Accept": "application/json"},
    )
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    try:
        with urllib.request.urlopen(request, timeout=REQUEST_SECONDS) as response:
            status, content = response.status, response.read()
    except urllib.error.HTTPError as problem:
        status, content = problem.code, problem.read()
    say(f"{method} {path}: {status}")
    if status != expected:
        raise DemoError(f"{method} {path} answered {status}, not {expected}: {content.decode()}")
    return dict(json.loads(content))


def await_free(port: int) -> None:
    """Wait until nothing listens on ``port`` any more.

    Raises:
        DemoError: if something still does after ``STOP_SECONDS``.
    """
    deadline = time.monotonic() + STOP_SECONDS
    while time.monotonic() < deadline:
        try:
            socket.create_connection((HOST, port), REQUEST_SECONDS).close()
        except OSError:
            return
        time.sleep(POLL_SECONDS)
    raise DemoError(f"port {port} is still served after the stop")


def main(arguments: list[str]) -> int:
    """Serve the demo, or with ``--check`` try it; return 1 if it does not work."""
    if arguments not in ([], ["--check"]):
        print("usage: python -m tools.demo [--check]", file=sys.stderr)
        return 2
    if not arguments:
        serve()
    try:
        check()
    except DemoError as problem:
        print(f"demo failed: {problem}", file=sys.stderr)
        return 1
    print("demo: everything answered")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
