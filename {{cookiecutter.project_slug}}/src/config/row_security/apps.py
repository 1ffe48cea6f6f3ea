"""Registers the migrations, which come after those of all tables that they name, and the check."""

from importlib import import_module
from typing import Any

from celery import Task
from celery.signals import task_postrun, task_prerun, worker_init
from django.apps import AppConfig

from core.database.row_security.scope import SYSTEM, reach_all_rows, reaching


class RowSecurityConfig(AppConfig):
    name = "config.row_security"

    def ready(self) -> None:
        # Lets `manage.py check --deploy` know it.
        import_module("config.row_security.checks")


@worker_init.connect
def let_workers_reach_all_rows(**_: Any) -> None:
    """Outside of tasks too, as where a worker notes that it could not end one."""
    reach_all_rows()


@task_prerun.connect
def begin_to_reach_all_rows(task: Task[Any, Any], **_: Any) -> None:
    """A task serves no request, also where it runs in the process of one."""
    scope = vars(task.request)["row_scope"] = reaching(SYSTEM)
    scope.__enter__()


@task_postrun.connect
def cease_to_reach_all_rows(task: Task[Any, Any], **_: Any) -> None:
    vars(task.request).pop("row_scope").__exit__(None, None, None)
