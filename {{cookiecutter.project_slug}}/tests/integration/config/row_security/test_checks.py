"""A role for which no policy holds is found where the service is deployed."""

import psycopg
import pytest
from django.db import connection
from psycopg import sql

from core.security.deploy import DEPLOY_CHECKS
from tests.database_role import superuser_url

pytestmark = pytest.mark.django_db


def findings() -> list[str]:
    return [one.msg for one in DEPLOY_CHECKS["row_security.W001"](databases=["default"])]


def test_policies_hold_for_the_role_of_these_tests() -> None:
    assert findings() == []


def test_role_that_passes_policies_is_found() -> None:
    login = connection.settings_dict["USER"]
    role = f"{connection.settings_dict['NAME']}_bypass"
    named = {"role": sql.Identifier(role), "login": sql.Identifier(login)}
    with psycopg.connect(superuser_url(), autocommit=True) as server:
        server.execute(sql.SQL("CREATE ROLE {role} BYPASSRLS").format(**named))
        try:
            server.execute(sql.SQL("GRANT {role} TO {login}").format(**named))
            with connection.cursor() as cursor:
                cursor.execute(f'SET LOCAL ROLE "{role}"')
                found = findings()
                cursor.execute("RESET ROLE")
        finally:
            server.execute(sql.SQL("DROP ROLE {role}").format(**named))

    assert found == [
        f"The service connects as {role!r}, which is BYPASSRLS: it passes all policies."
    ]
