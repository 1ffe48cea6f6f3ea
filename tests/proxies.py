"""A bake's web server behind the proxy of its docker-compose.yml: gunicorn and nginx, for real."""

import contextlib
import getpass
import http.client
import json
import re
import shutil
import socket
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.baking import BakedProject
from tests.programs import missing
from tests.waiting import await_true
from tools.demo import free_port
from tools.processes import clean_environment, stop_group, tail

TEMPLATE = "proxy/default.conf.template"
HOST = "127.0.0.1"
# Whom the proxy believes that it ends TLS, and a client that comes directly.
TLS_PROXY, STRANGER = "127.0.0.1", "127.0.0.2"
THREADS = 4
# They only end what hangs.
START_SECONDS = 30.0
ANSWER_SECONDS = 30.0
TAIL_LINES = 50

# What the image's own nginx.conf has, for a folder of the test's own:
# https://github.com/nginx/docker-nginx-unprivileged
NGINX = """
daemon off;
user {user};
worker_processes 2;
pid {folder}/nginx.pid;
error_log stderr notice;
events {{ worker_connections 1024; }}
http {{
    client_body_temp_path {folder}/client_temp;
    proxy_temp_path {folder}/proxy_temp;
    fastcgi_temp_path {folder}/fastcgi_temp;
    uwsgi_temp_path {folder}/uwsgi_temp;
    scgi_temp_path {folder}/scgi_temp;
    default_type application/octet-stream;
    log_format main '$remote_addr';
    access_log off;
    sendfile on;
    keepalive_timeout 65;
    include {folder}/default.conf;
}}
"""
# Production with a route that says what the service believes of a request. No server is asked.
SETTINGS = """
from config.settings.production import *

ROOT_URLCONF = "telling.urls"
"""
ROUTES = """
from django.http import JsonResponse
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt

from config.urls import handler400, handler403, handler404, handler500
from core.identity.origin import current_origin


@csrf_exempt
def tell(request):
    origin = current_origin()
    told = {"address": origin.remote_address, "request_id": origin.request_id}
    told |= {"is_secure": request.is_secure(), "host": request.get_host()}
    return JsonResponse(told | {"size": len(request.body)})


urlpatterns = [path("api/tell/", tell), path("", include("config.urls"))]
"""


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Server:
    """What listens on a port of this machine, and answers to ``host``."""

    port: int
    host: str

    def ask(
        self, path: str, body: bytes | None = None, *, come_from: str = TLS_PROXY, **headers: str
    ) -> Answer:
        """Ask as who ends TLS does; GET, or POST with a body."""
        connection = http.client.HTTPConnection(
            HOST, self.port, timeout=ANSWER_SECONDS, source_address=(come_from, 0)
        )
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        with contextlib.closing(connection):
            connection.request(
                "POST" if body is not None else "GET",
                path,
                body,
                {"Host": self.host, "X-Forwarded-Proto": "https", **named},
            )
            return answer_of(connection.getresponse())

    def begin(self, sent: bytes, *, come_from: str = TLS_PROXY) -> socket.socket:
        """Return a connection over which ``sent`` was sent."""
        connection = socket.create_connection(
            (HOST, self.port), ANSWER_SECONDS, source_address=(come_from, 0)
        )
        connection.sendall(sent)
        return connection

    def slow_head(self) -> socket.socket:
        return self.begin(f"GET /api/tell/ HTTP/1.1\r\nHost: {self.host}\r\nX-Slow: ".encode())

    def slow_body(self, **more: str) -> socket.socket:
        lines = ("POST /api/tell/ HTTP/1.1", f"Host: {self.host}", "X-Forwarded-Proto: https")
        head = "\r\n".join((*lines, "Content-Length: 100000", "", ""))
        return self.begin(head.encode(), **more)

    def answer_to(self, sent: bytes) -> Answer:
        """Return what is answered to ``sent``, which need not be a request."""
        with self.begin(sent) as connection:
            return read_answer(connection)

    def listens(self) -> bool:
        try:
            socket.create_connection((HOST, self.port)).close()
        except OSError:
            return False
        return True


def read_answer(connection: socket.socket) -> Answer:
    response = http.client.HTTPResponse(connection)
    response.begin()
    return answer_of(response)


def answer_of(response: http.client.HTTPResponse) -> Answer:
    return Answer(response.status, dict(response.getheaders()), response.read())


def is_closed(connection: socket.socket) -> bool:
    """Tell whether the server has closed ``connection``, over which it sends nothing."""
    connection.setblocking(False)
    try:
        return connection.recv(1) == b""
    except BlockingIOError:
        return False
    except ConnectionError:
        return True


def compose_values(project: BakedProject) -> dict[str, str]:
    """Return the variables of the proxy, those that .env may change with their defaults."""
    services = yaml.safe_load(project.text("docker-compose.yml"))["services"]
    pairs = (line.split("=", 1) for line in services["proxy"]["environment"])
    return {name: re.sub(r"\$\{\w+:-(.*)\}", r"\1", value) for name, value in pairs}


def rendered(project: BakedProject, values: Mapping[str, str]) -> str:
    """Return the configuration as the image makes it of the template: the names that the filter lets in.

    Raises:
        KeyError: for a variable that has no value.
    """
    known = re.compile(values["NGINX_ENVSUBST_FILTER"])
    return re.sub(
        r"\$\{(\w+)\}",
        lambda found: values[found[1]] if known.search(found[1]) else found[0],
        project.text(TEMPLATE),
    )


def production_values(project: BakedProject) -> dict[str, str]:
    """Return the bake's example of an environment for production, whose servers are not there."""
    lines = project.text("tests/production.env").splitlines()
    return dict(line.split("=", 1) for line in lines if line[:1] not in "#")


@contextlib.contextmanager
def gunicorn(project: BakedProject, folder: Path, **variables: str) -> Iterator[Server]:
    """Run the bake's web server in production, with one process, until the block ends."""
    (folder / "telling").mkdir(parents=True)
    (folder / "telling" / "settings.py").write_text(SETTINGS, "utf-8")
    (folder / "telling" / "urls.py").write_text(ROUTES, "utf-8")
    production = production_values(project)
    server = Server(free_port(), production["ALLOWED_HOSTS"])
    environment = clean_environment(
        **production,
        HOST=HOST,
        PORT=str(server.port),
        WEB_CONCURRENCY="1",
        WEB_THREADS=str(THREADS),
        DJANGO_SETTINGS_MODULE="telling.settings",
        PYTHONPATH=str(folder),
        **variables,
    )
    program = project.path / ".venv" / "bin" / "gunicorn"
    command = [str(program), "--config", str(project.path / "src/config/gunicorn.conf.py")]
    with running(command, folder / "gunicorn.log", environment, server):
        yield server


@contextlib.contextmanager
def proxy(project: BakedProject, folder: Path, upstream: Server, **values: str) -> Iterator[Server]:
    """Run nginx with the bake's configuration before ``upstream`` until the block ends.

    Args:
        values: of the configuration's variables, beside those of docker-compose.yml.
    """
    program = find_nginx()
    folder.mkdir(parents=True)
    server = Server(free_port(), upstream.host)
    own = {
        "PROXY_LISTEN": f"{HOST}:{server.port}",
        "PROXY_UPSTREAM": f"{HOST}:{upstream.port}",
        "PROXY_TRUSTED": TLS_PROXY,
        # Nobody is asked: the address above is one.
        "NGINX_LOCAL_RESOLVERS": HOST,
    }
    text = rendered(project, compose_values(project) | own | values)
    (folder / "default.conf").write_text(text, "utf-8")
    main = NGINX.format(folder=folder, user=getpass.getuser())
    (folder / "nginx.conf").write_text(main, "utf-8")
    command = [program, "-p", str(folder), "-c", str(folder / "nginx.conf")]
    with running(command, folder / "nginx.log", clean_environment(), server):
        yield server


def find_nginx() -> str:
    """Return the path of nginx, or end the test: in CI it fails, elsewhere it skips."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if program is None:
        missing("nginx", "`apt-get install nginx-light` brings it")
    return program


@contextlib.contextmanager
def running(
    command: list[str], log: Path, environment: Mapping[str, str], server: Server
) -> Iterator[None]:
    """Run ``command`` until the block ends, which begins once ``server`` listens."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        await_true(lambda: process.poll() is not None or server.listens(), seconds=START_SECONDS)
        assert process.poll() is None, tail(log, TAIL_LINES)
        yield
    finally:
        stop_group(process)


REFUSALS = """
import json, sys
import django

django.setup()
from core.security.early import refusal

print(json.dumps([refusal(int(status)).decode() for status in sys.argv[1:]]))
"""


def refusals(project: BakedProject, statuses: Iterable[int]) -> dict[int, Answer]:
    """Return how the bake's web server itself refuses what never reaches Django, by status."""
    done = project.run(
        str(project.path / ".venv/bin/python"),
        *("-c", REFUSALS, *map(str, statuses)),
        environment={
            **production_values(project),
            "DJANGO_SETTINGS_MODULE": "config.settings.production",
            "PYTHONPATH": "src",
        },
    )
    found = {}
    for text in json.loads(done.stdout):
        head, _, body = text.partition("\r\n\r\n")
        first, *lines = head.split("\r\n")
        status = int(first.split()[1])
        headers = dict(line.split(": ", 1) for line in lines)
        found[status] = Answer(status, headers, body.encode())
    return found
