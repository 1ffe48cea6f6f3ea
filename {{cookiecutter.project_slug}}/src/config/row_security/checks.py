"""Finds a role of the database for which no policy holds."""

from collections.abc import Iterator

from django.db import connection

from core.security.deploy import deploy_check

ROLE = "SELECT rolname, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user"


@deploy_check(
    "row_security.W001",
    hint="Name another role in DATABASE_URL: CREATE ROLE ... LOGIN, and neither of both.",
    link="https://www.postgresql.org/docs/current/ddl-rowsecurity.html",
    asks_database=True,
)
def policies_hold_for_the_service() -> Iterator[str]:
    with connection.cursor() as cursor:
        cursor.execute(ROLE)
        role, is_superuser, bypasses = cursor.fetchone()
    if is_superuser or bypasses:
        attribute = "SUPERUSER" if is_superuser else "BYPASSRLS"
        yield f"The service connects as {role!r}, which is {attribute}: it passes all policies."
