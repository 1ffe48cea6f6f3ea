"""Servers that a drill may stop, empty and cut: each is started for it, and keeps nothing."""

import os
import shutil
import signal
import subprocess
from pathlib import Path

import redis

from tests.e2e.processes import free_port, wait_for

START_SECONDS = 60.0
STOP_SECONDS = 60.0
# Where Debian keeps the programs themselves. What it has on PATH for RabbitMQ serves the machine's.
FOLDERS = ("/usr/lib/postgresql/*/bin", "/usr/sbin", "/usr/lib/rabbitmq/bin")


class ProgramMissingError(Exception):
    """A server's program is not on this machine; the message names it."""


def program(name: str) -> str:
    """Return the path of a program.

    Raises:
        ProgramMissingError: if it is not installed.
    """
    folders = [folder for one in FOLDERS for folder in sorted(Path("/").glob(one.lstrip("/")))]
    path = os.pathsep.join([*map(str, reversed(folders)), os.environ["PATH"]])
    found = shutil.which(name, path=path)
    if found is None:
        raise ProgramMissingError(f"{name} is not installed: drills start servers of their own.")
    return found


class Server:
    """A server on a port of its own; what it prints and keeps is in ``folder``."""

    name: str

    def __init__(self, folder: Path) -> None:
        self.folder = folder / f"{self.name}-{free_port()}"
        self.folder.mkdir(parents=True)
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where the service finds it."""
        raise NotImplementedError

    def command(self) -> list[str]:
        """Return what starts it in the foreground."""
        raise NotImplementedError

    def environment(self) -> dict[str, str]:
        """Return the variables that it gets."""
        return dict(os.environ)

    def ask(self) -> None:
        """Ask it something.

        Raises:
            Exception: as long as it does not answer.
        """
        raise NotImplementedError

    def prepare(self) -> None:
        """Make what it needs before it starts for the first time."""

    def empty(self) -> None:
        """Take what it holds, as somebody does who empties the wrong server."""
        raise NotImplementedError

    def cut(self, *, spare: int) -> None:
        """End the connections of the service, as a fail-over does, but for one of this number."""
        raise NotImplementedError

    def start(self) -> None:
        """Start it, or start it again with what it has kept, and wait until it answers."""
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                self.command(),
                cwd=self.folder,
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                user=self.user(),
                group=self.user(),
                extra_groups=None if self.user() is None else [],
            )
        wait_for(self.answers, f"{self.name} answering", seconds=START_SECONDS)

    def user(self) -> str | None:
        """Return the user whose rights it gets, ``None`` for those of the drill."""
        return None

    def stop(self) -> None:
        """Stop it as an administrator does; its clients' connections end."""
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(STOP_SECONDS)
            finally:
                self.kill()

    def kill(self) -> None:
        """Kill it and its children."""
        if self._process is not None:
            process, self._process = self._process, None
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                return
            process.wait()

    def answers(self) -> bool:
        """Tell whether it answers."""
        if self._process is not None and self._process.poll() is not None:
            raise AssertionError(f"{self.name} ended:\n{(self.folder / 'log').read_text()}")
        try:
            self.ask()
        except Exception:  # noqa: BLE001 (whatever its client raises)
            return False
        return True


class Redis(Server):
    """Redis that keeps nothing on disk: what it holds is gone when it stops."""

    name = "redis"

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def command(self) -> list[str]:
        return [
            program("redis-server"),
            *("--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"),
        ]

    def ask(self) -> None:
        with redis.Redis.from_url(self.url) as client:
            client.ping()

    def empty(self) -> None:
        with redis.Redis.from_url(self.url) as client:
            client.flushall()


# % if cookiecutter.broker == "rabbitmq"
class RabbitMQ(Server):
    """A node of RabbitMQ that keeps its queues while it is stopped."""

    name = "rabbitmq"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._distribution_port = free_port()

    @property
    def url(self) -> str:
        return f"amqp://guest:guest@127.0.0.1:{self.port}//"

    def command(self) -> list[str]:
        return [program("rabbitmq-server")]

    def environment(self) -> dict[str, str]:
        # https://www.rabbitmq.com/docs/configure#supported-environment-variables
        return {
            **os.environ,
            "HOME": str(self.folder),
            "RABBITMQ_NODENAME": f"drill-{self.port}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(self._distribution_port),
            "RABBITMQ_MNESIA_BASE": str(self.folder / "data"),
            "RABBITMQ_LOG_BASE": str(self.folder / "logs"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "plugins"),
            "RABBITMQ_CONFIG_FILE": str(self.folder / "none"),
        }

    def ask(self) -> None:
        import kombu  # noqa: PLC0415 (nothing else here speaks to RabbitMQ)

        with kombu.Connection(self.url, connect_timeout=2) as connection:
            connection.connect()

    def empty(self) -> None:
        import kombu  # noqa: PLC0415

        from core.jobs.queues import Queue  # noqa: PLC0415 (pytest knows where it is by then)

        with kombu.Connection(self.url) as connection:
            for queue in Queue:
                connection.default_channel.queue_purge(queue.value)


# % endif
# % if cookiecutter.database == "postgresql"
class PostgreSQL(Server):
    """A PostgreSQL that does not wait for the disk: nothing survives the drill."""

    name = "postgresql"

    @property
    def url(self) -> str:
        return f"postgres://drill@127.0.0.1:{self.port}/postgres"

    def user(self) -> str | None:
        # It refuses to run as root.
        return "postgres" if os.geteuid() == 0 else None

    def prepare(self) -> None:
        if self.user() is not None:
            for folder in (self.folder, self.folder.parent):
                folder.chmod(0o755)
            shutil.chown(self.folder, self.user(), self.user())
        data = str(self.folder / "data")
        run(
            [program("initdb"), "--username", "drill", "--auth", "trust", "--no-sync", data],
            user=self.user(),
        )

    def command(self) -> list[str]:
        return [
            program("postgres"),
            *("-D", str(self.folder / "data"), "-p", str(self.port)),
            *("-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={self.folder}"),
            *("-c", "fsync=off", "-c", "full_page_writes=off", "-c", "max_connections=200"),
        ]

    def ask(self) -> None:
        self.query("SELECT 1")

    def cut(self, *, spare: int) -> None:
        self.query(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"  # noqa: S608 (numbers only)
            f" WHERE datname LIKE 'test_%' AND pid <> {spare:d}"
        )

    def query(self, text: str) -> None:
        address = f"postgresql://drill@127.0.0.1:{self.port}/postgres?connect_timeout=2"
        run([program("psql"), "--quiet", "--no-psqlrc", "--command", text, address])


# % elif cookiecutter.database == "mysql"
class MariaDB(Server):
    """A MariaDB that does not wait for the disk: nothing survives the drill."""

    name = "mariadb"

    @property
    def url(self) -> str:
        return f"mysql://root@127.0.0.1:{self.port}/drill"

    def prepare(self) -> None:
        run(
            [
                *(program("mariadb-install-db"), "--no-defaults", "--skip-test-db"),
                *("--auth-root-authentication-method=normal", f"--datadir={self.folder / 'data'}"),
                *(["--user=root"] if os.geteuid() == 0 else []),
            ]
        )

    def command(self) -> list[str]:
        return [
            *(program("mariadbd"), "--no-defaults", f"--datadir={self.folder / 'data'}"),
            *(f"--port={self.port}", "--bind-address=127.0.0.1", f"--socket={self.folder}/socket"),
            *("--innodb-flush-log-at-trx-commit=0", "--max-connections=200"),
            *(["--user=root"] if os.geteuid() == 0 else []),
        ]

    def ask(self) -> None:
        self.query("SELECT 1")

    def cut(self, *, spare: int) -> None:
        listed = self.query(
            "SELECT id FROM information_schema.processlist"  # noqa: S608 (numbers only)
            f" WHERE db LIKE 'test_%' AND id <> {spare:d}"
        )
        for connection in listed.split():
            self.query(f"KILL CONNECTION {connection}", check=False)

    def query(self, text: str, *, check: bool = True) -> str:
        return run(
            [
                *(program("mariadb"), "--no-defaults", "--protocol=tcp", "--host=127.0.0.1"),
                *(f"--port={self.port}", "--user=root", "--connect-timeout=2"),
                *("--skip-column-names", "--batch", "--execute", text),
            ],
            check=check,
        )


# % endif
def run(command: list[str], *, user: str | None = None, check: bool = True) -> str:
    """Run a program and return what it printed.

    Raises:
        AssertionError: with all that it printed, if it fails and ``check`` is true.
    """
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        user=user,
        group=user,
        cwd="/",
        check=False,
        timeout=START_SECONDS,
    )
    assert done.returncode == 0 or not check, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout
