"""What a restart of the database does to the connections of a process."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.db import connection

# With the caller's own as many as the pool has at most.
IDLE_CONNECTIONS = 3


def leave_idle_connections() -> None:
    """Let the process have connections that nobody uses, where it keeps any."""
    all_are_open = Barrier(IDLE_CONNECTIONS)

    def connect(_: int) -> None:
        connection.ensure_connection()
        all_are_open.wait()
        connection.close()

    with ThreadPoolExecutor(IDLE_CONNECTIONS) as threads:
        list(threads.map(connect, range(IDLE_CONNECTIONS)))


def cut_all_connections() -> None:
    """End the connections to the tests' database; the caller's own comes last.

    Raises:
        OperationalError: because it has come.
    """
    with connection.cursor() as cursor:
        # % if cookiecutter.database == "postgresql"
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() ORDER BY pid = pg_backend_pid()"
        )
        # % else
        cursor.execute(
            "SELECT id FROM information_schema.processlist"
            " WHERE db = DATABASE() ORDER BY id = CONNECTION_ID()"
        )
        for (key,) in cursor.fetchall():
            cursor.execute("KILL %s", [key])
        # % endif
