"""How the service connects to its database."""

from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

# A database that does not answer must not hold a request for long.
CONNECT_TIMEOUT_SECONDS = 2


def database(env: environ.Env, *, default: str) -> dict[str, Any]:
    """Return Django's description of the database at ``DATABASE_URL``.

    Raises:
        ImproperlyConfigured: for a database that the service was not made for.
    """
    url = env.str("DATABASE_URL", default="") or default
    config: dict[str, Any] = env.db_url_config(url)
    tune = TUNED.get(config.get("ENGINE", ""))
    if tune is None:
        known = ", ".join(name.rpartition(".")[2] for name in TUNED)
        raise ImproperlyConfigured(f"DATABASE_URL names none of the databases {known}.")
    return config | tune(env)


def tune_sqlite(_env: environ.Env) -> dict[str, Any]:
    """Let readers and one writer work side by side.

    https://docs.djangoproject.com/en/stable/ref/databases/#sqlite-notes
    """
    return {
        "OPTIONS": {
            "timeout": 20,
            # Else two transactions that read first and write later end as "database is locked".
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        },
    }


# % if cookiecutter.database == "postgresql"
def tune_postgresql(env: environ.Env) -> dict[str, Any]:
    """Keep a pool of connections in each process.

    The server sees at most WEB_CONCURRENCY x DATABASE_POOL_MAX_SIZE connections of one web pod:
    keep the sum over all pods below its ``max_connections``.

    https://docs.djangoproject.com/en/stable/ref/databases/#connection-pool
    """
    threads = env.str("WEB_THREADS", default="") or "4"
    return {
        # % if cookiecutter.row_level_security
        "ENGINE": "core.database.row_security",
        # % endif
        "CONN_MAX_AGE": 0,  # The pool keeps connections; a thread must not.
        # One that the server has closed, as at its restart, is replaced before it is used.
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "connect_timeout": CONNECT_TIMEOUT_SECONDS,
            "pool": {
                "min_size": 1,
                "max_size": int(env.str("DATABASE_POOL_MAX_SIZE", default="") or threads),
                "timeout": 3,
                "max_lifetime": 30 * 60,
                # What a quiet process keeps is closed soon, for others to have, and because after
                # a restart of the server the pool finds one dead connection in each second.
                "max_idle": 60,
            },
        },
    }


# % elif cookiecutter.database == "mysql"
def tune_mysql(env: environ.Env) -> dict[str, Any]:
    """Refuse what MySQL and MariaDB would cut off or round in silence, and keep connections.

    https://docs.djangoproject.com/en/stable/ref/databases/#mysql-notes
    """
    # Under ASGI each request has a thread of its own, whose connection would be left open.
    threads_stay = env.str("SERVER_INTERFACE", default="") != "asgi"
    return {
        "CONN_MAX_AGE": 60 if threads_stay else 0,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "charset": "utf8mb4",
            "connect_timeout": CONNECT_TIMEOUT_SECONDS,
            "init_command": "SET sql_mode='STRICT_ALL_TABLES,ONLY_FULL_GROUP_BY,NO_ZERO_IN_DATE'",
            "isolation_level": "read committed",
        },
    }


# % endif
TUNED = {
    "django.db.backends.sqlite3": tune_sqlite,
    # % if cookiecutter.database == "postgresql"
    "django.db.backends.postgresql": tune_postgresql,
    # % elif cookiecutter.database == "mysql"
    "django.db.backends.mysql": tune_mysql,
    # % endif
}
