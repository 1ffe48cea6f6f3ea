"""The role as which the tests, and the processes that they start, use the database.

That of ``DATABASE_URL`` may be a superuser, as those of pipelines are, for whom no policy holds.
"""

import os
from urllib.parse import unquote, urlsplit

import psycopg
import pytest
from django.db import connection
from psycopg import sql

from config.row_security.checks import ROLE
from core.database.row_security.scope import reach_all_rows

NAME = "{{ cookiecutter.project_slug }}_tests"
_STARTED_WITH = os.environ.get("DATABASE_URL", "")
# Two test runs may start at the same moment.
CREATE = """
DO $$ BEGIN
    CREATE ROLE {name} LOGIN CREATEDB PASSWORD {password};
EXCEPTION WHEN duplicate_object OR unique_violation THEN
    NULL;
END $$
"""


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> None:
    """Connect as a role for which policies hold; reach all rows where no request is served.

    Where that of ``DATABASE_URL`` is one, it stays.
    """
    reach_all_rows()
    if connection.vendor != "postgresql":
        return
    url = urlsplit(_STARTED_WITH)
    secret = url.password or NAME
    with psycopg.connect(superuser_url()) as server:
        _, is_superuser, bypasses = server.execute(ROLE).fetchone()
        if not (is_superuser or bypasses):
            return
        name, password = sql.Identifier(NAME), sql.Literal(unquote(secret))
        server.execute(sql.SQL(CREATE).format(name=name, password=password))
    connection.settings_dict |= {"USER": NAME, "PASSWORD": unquote(secret)}
    host = url.netloc.rpartition("@")[2]
    os.environ["DATABASE_URL"] = url._replace(netloc=f"{NAME}:{secret}@{host}").geturl()


def superuser_url() -> str:
    """Return the address of the server's own database, for the role that the tests were started with."""
    url = urlsplit(_STARTED_WITH)
    return url._replace(scheme="postgresql", path="/postgres", query="").geturl()
