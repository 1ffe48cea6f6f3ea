"""Django's backend of PostgreSQL, which also tells the database whose rows a statement may reach.

https://docs.djangoproject.com/en/stable/ref/databases/#subclassing-the-built-in-database-backends
"""

from collections.abc import Callable
from typing import Any

import psycopg
from django.db.backends.postgresql import base

from core.database.row_security.scope import NOBODY, Scope, current_scope

# The stubs do not know most methods of a backend.
Backend: Any = base.DatabaseWrapper

TELL = "SELECT set_config('app.user_id', %s, false), set_config('app.all_rows', %s, false)"


class DatabaseWrapper(Backend):  # type: ignore[misc]  # As said above.
    """A connection that is told the scope before a statement, where it was told another one last.

    The scope is compared with each statement, so nothing of one request holds for the next. It is told
    for the session, not for a transaction: most statements stand in none. A rollback would take that
    back, so it is told anew after one. A request costs one more round trip, and another one after its
    answer, when the connection goes back to the pool.
    """

    def __init__(self, settings_dict: dict[str, Any], alias: str = "default") -> None:
        super().__init__(settings_dict, alias)
        # What this connection was told last; ``None`` while that is uncertain.
        self._told: Scope | None = None
        self._is_told_for_good = False
        self.execute_wrappers.append(self._tell_first)

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        connection = super().get_new_connection(conn_params)
        # A new one was told nothing, and one of the pool has forgotten it.
        self._told = NOBODY
        return connection

    def _tell_first(self, execute: Callable[..., Any], sql: str, params: Any, *rest: Any) -> Any:
        # A transaction that has failed takes no statement; Django says so.
        if not self.needs_rollback:
            self._tell(current_scope())
        return execute(sql, params, *rest)

    def _tell(self, scope: Scope) -> None:
        if scope == self._told:
            return
        values = [str(scope.user_id or ""), "on" if scope.all_rows else "off"]
        with self.wrap_database_errors:
            self.connection.execute(TELL, values)
        self._told = scope
        self._is_told_for_good = self.get_autocommit()

    def _set_autocommit(self, autocommit: bool) -> None:  # noqa: FBT001 (Django's)
        if not autocommit:
            # Before the transaction begins, so that its end changes nothing.
            self._tell(current_scope())
        super()._set_autocommit(autocommit)

    def _commit(self) -> None:
        super()._commit()
        # PostgreSQL rolls back at COMMIT when a statement has failed, and calls that no error.
        if not self._is_told_for_good:
            self._told = None

    def _rollback(self) -> None:
        super()._rollback()
        self._told = None

    def _savepoint_rollback(self, sid: str) -> None:
        # Nothing can be told before it: its transaction has failed.
        self._told = current_scope()
        super()._savepoint_rollback(sid)
        self._told = None

    def _close(self) -> None:
        if self.connection is not None and self.pool and self._told != NOBODY:
            try:
                self.connection.rollback()
                self.connection.execute("RESET app.user_id; RESET app.all_rows")
                self.connection.commit()
            except psycopg.Error:
                # The pool takes no closed one: nobody gets a connection that has not forgotten.
                self.connection.close()
        super()._close()
