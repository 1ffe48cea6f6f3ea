"""The servers that bakes are tested against: who is there, and a corner of each for every slot.

Addresses come from MATRIX_POSTGRESQL_URL, MATRIX_MYSQL_URL, MATRIX_REDIS_URL, MATRIX_RABBITMQ_URL
and MATRIX_RABBITMQ_API_URL. The accounts must be allowed to make databases and virtual hosts.
"""

import base64
import json
import os
import shutil
import subprocess
import urllib.request
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, quote, unquote, urlsplit

import amqp
import psycopg
import pymysql
import redis

DEFAULT_ADDRESSES = {
    "MATRIX_POSTGRESQL_URL": "postgres://root@127.0.0.1:5432/postgres",
    "MATRIX_MYSQL_URL": "mysql://root@127.0.0.1:3306",
    "MATRIX_REDIS_URL": "redis://127.0.0.1:6379",
    "MATRIX_RABBITMQ_URL": "amqp://guest:guest@127.0.0.1:5672",
    "MATRIX_RABBITMQ_API_URL": "http://127.0.0.1:15672",
}
CONNECT_SECONDS = 5
COMMAND_SECONDS = 60
# Redis has 16 databases unless configured otherwise; the highest are the least likely to be used.
REDIS_LAST_DATABASE = 15
REDIS_DATABASES_PER_SLOT = 2
SLOT_LIMIT = (REDIS_LAST_DATABASE + 1) // REDIS_DATABASES_PER_SLOT


class ServerMissingError(Exception):
    """A server does not answer, or does not let us prepare a slot; the message says which."""


@dataclass(frozen=True)
class Slot:
    """The names that one of the rows running side by side has on every server."""

    number: int

    @property
    def name(self) -> str:
        return f"matrix_{self.number}"

    @property
    def cache_database(self) -> int:
        return REDIS_LAST_DATABASE - REDIS_DATABASES_PER_SLOT * self.number

    @property
    def broker_database(self) -> int:
        return self.cache_database - 1


def needed_by(answers: Mapping[str, str | bool]) -> list[str]:
    """Return the servers that a bake talks to. Redis is the cache of every bake."""
    databases = {"postgresql": ["PostgreSQL"], "mysql": ["MariaDB"], "sqlite": []}
    brokers = {"redis": [], "rabbitmq": ["RabbitMQ"]}
    return [*databases[str(answers["database"])], "Redis", *brokers[str(answers["broker"])]]


def environment(slot: Slot, answers: Mapping[str, str | bool]) -> dict[str, str]:
    """Return the variables that lead a bake with ``answers`` to the corner of ``slot``."""
    cache = _address("MATRIX_REDIS_URL")
    urls = {
        "CACHE_URL": cache._replace(path=f"/{slot.cache_database}"),
        "CELERY_BROKER_URL": (
            cache._replace(path=f"/{slot.broker_database}")
            if answers["broker"] == "redis"
            else _address("MATRIX_RABBITMQ_URL")._replace(path=f"/{slot.name}")
        ),
    }
    if answers["database"] == "postgresql":
        urls["DATABASE_URL"] = _address("MATRIX_POSTGRESQL_URL")._replace(path=f"/{slot.name}")
    elif answers["database"] == "mysql":
        urls["DATABASE_URL"] = _address("MATRIX_MYSQL_URL")._replace(path=f"/{slot.name}")
    return {name: url.geturl() for name, url in urls.items()}


def missing(names: set[str]) -> dict[str, str]:
    """Return the servers of ``names`` that cannot be used, each with the reason."""
    reasons = {}
    for name in sorted(names):
        try:
            _SERVERS[name].ask()
        except ServerMissingError as problem:
            reasons[name] = str(problem)
    return reasons


def prepare(slot: Slot, names: Iterable[str]) -> None:
    """Make the slot's corner of the servers ``names``, empty.

    Raises:
        ServerMissingError: if a server does not let us.
    """
    for name in names:
        _SERVERS[name].clear(slot, make=True)


def remove(slot: Slot, names: Iterable[str]) -> None:
    """Take the slot's corner of the servers ``names`` away.

    Raises:
        ServerMissingError: if a server does not let us.
    """
    for name in names:
        _SERVERS[name].clear(slot, make=False)


def _address(variable: str) -> SplitResult:
    return urlsplit(os.environ.get(variable) or DEFAULT_ADDRESSES[variable])


def _test_names(slot: Slot) -> list[str]:
    """The database of the service, and the one that its test run makes."""
    return [slot.name, f"test_{slot.name}"]


class _PostgreSQL:
    variable = "MATRIX_POSTGRESQL_URL"

    def _connect(self) -> psycopg.Connection:
        url = _address(self.variable)
        try:
            return psycopg.connect(
                url._replace(scheme="postgresql").geturl(),
                autocommit=True,
                connect_timeout=CONNECT_SECONDS,
            )
        except psycopg.Error as problem:
            raise ServerMissingError(_refusal(self.variable, problem)) from problem

    def ask(self) -> None:
        self._connect().close()

    def clear(self, slot: Slot, *, make: bool) -> None:
        with self._connect() as connection:
            for name in _test_names(slot):
                connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())
            if make:
                connection.execute(f'CREATE DATABASE "{slot.name}"'.encode())


class _MariaDB:
    variable = "MATRIX_MYSQL_URL"

    def _connect(self) -> "pymysql.Connection[pymysql.cursors.Cursor]":
        url = _address(self.variable)
        try:
            return pymysql.connect(
                host=url.hostname,
                port=url.port or 3306,
                user=unquote(url.username or "root"),
                password=unquote(url.password or ""),
                connect_timeout=CONNECT_SECONDS,
            )
        except pymysql.Error as problem:
            raise ServerMissingError(_refusal(self.variable, problem)) from problem

    def ask(self) -> None:
        self._connect().close()

    def clear(self, slot: Slot, *, make: bool) -> None:
        with self._connect() as connection, connection.cursor() as cursor:
            for name in _test_names(slot):
                # Without IF EXISTS, which makes a warning of each absent name.
                cursor.execute("SHOW DATABASES LIKE %s", (name.replace("_", r"\_"),))
                if cursor.fetchone():
                    cursor.execute(f"DROP DATABASE `{name}`")
            if make:
                cursor.execute(f"CREATE DATABASE `{slot.name}` CHARACTER SET utf8mb4")


class _Redis:
    variable = "MATRIX_REDIS_URL"

    def _clear(self, database: int) -> None:
        client = redis.Redis.from_url(
            _address(self.variable)._replace(path=f"/{database}").geturl(),
            socket_connect_timeout=CONNECT_SECONDS,
            socket_timeout=CONNECT_SECONDS,
        )
        try:
            client.flushdb()
        except redis.RedisError as problem:
            raise ServerMissingError(_refusal(self.variable, problem)) from problem
        finally:
            client.close()

    def ask(self) -> None:
        client = redis.Redis.from_url(
            _address(self.variable).geturl(), socket_connect_timeout=CONNECT_SECONDS
        )
        try:
            client.ping()
        except redis.RedisError as problem:
            raise ServerMissingError(_refusal(self.variable, problem)) from problem
        finally:
            client.close()

    def clear(self, slot: Slot, *, make: bool) -> None:  # noqa: ARG002 (there is nothing to make)
        for database in (slot.cache_database, slot.broker_database):
            self._clear(database)


class _RabbitMQ:
    variable = "MATRIX_RABBITMQ_URL"

    def ask(self) -> None:
        url = _address(self.variable)
        try:
            with amqp.Connection(
                host=f"{url.hostname}:{url.port or 5672}",
                userid=unquote(url.username or "guest"),
                password=unquote(url.password or "guest"),
                virtual_host="/",
                connect_timeout=CONNECT_SECONDS,
                read_timeout=CONNECT_SECONDS,
            ):
                pass
        except (OSError, amqp.AMQPError) as problem:
            raise ServerMissingError(_refusal(self.variable, problem)) from problem

    def clear(self, slot: Slot, *, make: bool) -> None:
        """Make the virtual host with ``rabbitmqctl``, or through the management API."""
        user = unquote(_address(self.variable).username or "guest")
        reasons = []
        for way in (self._by_command, self._by_api):
            try:
                way(slot.name, user, make)
            except (OSError, subprocess.SubprocessError) as problem:
                reasons.append(f"{way.__name__.removeprefix('_by_')}: {problem}")
            else:
                return
        raise ServerMissingError(
            f"RabbitMQ is there but no virtual host can be made ({'; '.join(reasons)}). "
            "Run as a user that may call rabbitmqctl, or enable rabbitmq_management and set "
            "MATRIX_RABBITMQ_API_URL."
        )

    @staticmethod
    def _by_command(name: str, user: str, make: bool) -> None:
        program = shutil.which("rabbitmqctl") or shutil.which(
            "rabbitmqctl", path="/usr/sbin:/usr/local/sbin"
        )
        if program is None:
            raise FileNotFoundError("rabbitmqctl is not on PATH")

        def control(*arguments: str) -> str:
            return subprocess.run(
                [program, "--quiet", *arguments],
                check=True,
                capture_output=True,
                text=True,
                timeout=COMMAND_SECONDS,
            ).stdout

        if name in control("list_vhosts", "--no-table-headers").split():
            control("delete_vhost", name)
        if make:
            control("add_vhost", name)
            control("set_permissions", "--vhost", name, user, ".*", ".*", ".*")

    def _by_api(self, name: str, user: str, make: bool) -> None:
        """https://www.rabbitmq.com/docs/http-api-reference"""
        account = _address(self.variable)
        pair = f"{user}:{unquote(account.password or 'guest')}"
        token = base64.b64encode(pair.encode()).decode()
        base = _address("MATRIX_RABBITMQ_API_URL").geturl().rstrip("/")

        def call(method: str, path: str, body: object = None) -> bytes:
            request = urllib.request.Request(
                f"{base}/api/{path}",
                method=method,
                data=None if body is None else json.dumps(body).encode(),
                headers={"Authorization": f"Basic {token}", "Content-Type": "application/json"},
            )
            with urllib.request.urlopen(request, timeout=COMMAND_SECONDS) as response:
                return bytes(response.read())

        if name in [host["name"] for host in json.loads(call("GET", "vhosts"))]:
            call("DELETE", f"vhosts/{quote(name)}")
        if make:
            call("PUT", f"vhosts/{quote(name)}")
            everything = {"configure": ".*", "write": ".*", "read": ".*"}
            call("PUT", f"permissions/{quote(name)}/{quote(user)}", everything)


def _refusal(variable: str, problem: Exception) -> str:
    url = _address(variable)
    reason = (str(problem).strip().splitlines() or [type(problem).__name__])[0]
    return f"{url.hostname}:{url.port}: {reason} (set {variable})"


_SERVERS = {
    "PostgreSQL": _PostgreSQL(),
    "MariaDB": _MariaDB(),
    "Redis": _Redis(),
    "RabbitMQ": _RabbitMQ(),
}
