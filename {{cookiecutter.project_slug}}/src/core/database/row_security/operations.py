"""The operation of migrations that builds the wall around a table."""

# ruff: noqa: ARG002 (the signatures are those that Django calls)

from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation, OperationCategory
from django.db.migrations.state import ProjectState
from django.db.models import Model

# A subquery each, so that they are looked up once for a statement and not for each row.
ALL_ROWS = "(SELECT current_setting('app.all_rows', true) = 'on')"
USER_ID = "(SELECT NULLIF(current_setting('app.user_id', true), '')::{type})"


class ProtectRows(Operation):
    """Show the rows of a table to whom they belong, and to who reaches all rows; nobody else writes any.

    ::

        ProtectRows("orders.Order", owner="customer")
        ProtectRows("orders.OrderLine", parent="order")

    It holds for the owner of the table too (``FORCE``), and for no superuser. A database other than
    PostgreSQL, as in development, is left as it is.

    Args:
        model: as ``app_label.ModelName``; its migrations are among the ``dependencies``.
        owner: the foreign key to the user to whom a row belongs.
        parent: in its place, the foreign key to a protected row, with which this one is reached.
    """

    reversible = True
    reduces_to_sql = True
    category = OperationCategory.SQL

    def __init__(self, model: str, *, owner: str = "", parent: str = "") -> None:
        if bool(owner) == bool(parent):
            raise ValueError("Rows belong to an owner or to a parent: name one of them.")
        self.model = model
        self.owner = owner
        self.parent = parent

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Change nothing: models do not know it."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        model: type[Model] = to_state.apps.get_model(self.model)
        if not self._is_for(schema_editor, model):
            return
        table = schema_editor.quote_name(model._meta.db_table)
        reached = self._reached(schema_editor, model)
        schema_editor.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        schema_editor.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        schema_editor.execute(
            f"CREATE POLICY own_rows ON {table} FOR ALL USING ({reached}) WITH CHECK ({reached})"
        )

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        model: type[Model] = from_state.apps.get_model(self.model)
        if not self._is_for(schema_editor, model):
            return
        table = schema_editor.quote_name(model._meta.db_table)
        schema_editor.execute(f"DROP POLICY own_rows ON {table}")
        schema_editor.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
        schema_editor.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")

    def describe(self) -> str:
        return f"Protect the rows of {self.model}"

    def _is_for(self, schema_editor: BaseDatabaseSchemaEditor, model: type[Model]) -> bool:
        connection = schema_editor.connection
        return connection.vendor == "postgresql" and self.allow_migrate_model(
            connection.alias, model
        )

    def _reached(self, schema_editor: BaseDatabaseSchemaEditor, model: type[Model]) -> str:
        """Return the condition that a row is reached, in SQL."""
        quote = schema_editor.quote_name
        field: Any = model._meta.get_field(self.owner or self.parent)
        table, column = quote(model._meta.db_table), quote(field.column)
        if self.owner:
            user_id = USER_ID.format(type=field.db_type(schema_editor.connection))
            return f"{ALL_ROWS} OR {column} = {user_id}"
        # The parent's own policy holds within this one.
        parent, key = quote(field.related_model._meta.db_table), quote(field.target_field.column)
        return (
            f"{ALL_ROWS} OR EXISTS"
            f" (SELECT FROM {parent} AS parent WHERE parent.{key} = {table}.{column})"  # nosec B608 (names)
        )
