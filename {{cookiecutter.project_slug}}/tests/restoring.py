"""Leaves the database, after a test that wrote for good, as the migrations left it."""

from typing import Any

from auditlog.registry import auditlog
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction

Rows = list[tuple[Any, ...]]


class Restorer:
    """Puts back what stood in the tables when it was made.

    Django's own way empties the tables and then makes content types, permissions and roles anew,
    which takes longer than most tests do:
    https://docs.djangoproject.com/en/stable/topics/testing/overview/#rollback-emulation
    """

    def __init__(self) -> None:
        with connection.cursor() as cursor:
            self._tables = {
                table: _rows(cursor, table)
                for table in connection.introspection.django_table_names(only_existing=True)
            }
        know_content_types()

    def restore(self) -> None:
        is_replaced = False
        # Foreign keys are looked at when the transaction ends, and by MySQL not at all.
        with (
            connection.constraint_checks_disabled(),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            for table, rows in self._tables.items():
                if not rows:
                    cursor.execute(f"DELETE FROM {_quoted(table)}")  # noqa: S608 (names of tables)
                elif _rows(cursor, table) != rows:
                    _replace(cursor, table, rows)
                    is_replaced = True
        if is_replaced:
            know_content_types()


def know_content_types() -> None:
    """Let the process know the content types, which entries of the audit trail name, beforehand.

    Django looks up each once, which would count as a query of whatever test comes first.
    """
    ContentType.objects.clear_cache()
    ContentType.objects.get_for_models(*auditlog.get_models())


def _rows(cursor: Any, table: str) -> Rows:
    cursor.execute(f"SELECT * FROM {_quoted(table)} ORDER BY 1")  # noqa: S608 (names of tables)
    return list(cursor.fetchall())


def _replace(cursor: Any, table: str, rows: Rows) -> None:
    cursor.execute(f"DELETE FROM {_quoted(table)}")  # noqa: S608 (names of tables)
    places = ", ".join(["%s"] * len(rows[0]))
    cursor.executemany(f"INSERT INTO {_quoted(table)} VALUES ({places})", rows)  # noqa: S608 (names of tables)


def _quoted(table: str) -> str:
    return connection.ops.quote_name(table)
