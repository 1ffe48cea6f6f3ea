"""The wall stands around what belongs to somebody, and can be taken down again."""

from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from apps.users.roles import Role
from core.database.row_security.operations import ProtectRows
from core.rules import EVERY, Owned, Rule
from tests.integration.config.row_security.rows import protected_models

pytestmark = pytest.mark.django_db
migration = import_module("config.row_security.migrations.0001_initial").Migration

# What belongs to a user, or names one, and has no policy.
WITHOUT = {
    "read to learn who calls": {
        "api_keys.ApiKey",
        "jwt.TokenFamily",
        "oidc.ExternalIdentity",
        "otp_totp.TOTPDevice",
        "security.TOTPDevice",
        "sign_ins.UserSession",
    },
    "names who wrote it; rules and permissions say who may see it": {
        "admin.LogEntry",
        "audit.AuditEntry",
        "dead_letters.DeadLetter",
        "django_tasks.EnqueuedTask",
        "events.InboxEntry",
        "events.OutboxEvent",
    },
    "what an account may": {"users.User_groups", "users.User_user_permissions"},
}
# Of each record: who wrote it is not whose it is.
STAMPS = {"created_by", "deleted_by", "updated_by"}


def owned_models() -> set[str]:
    """Return the models that refer to a user, or to one of which that is said to be protected."""
    protected = protected_models()
    named = {operation.model for operation in migration.operations}
    return {
        model._meta.label
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.concrete_fields
        if field.is_relation
        and (
            (field.related_model is get_user_model() and field.name not in STAMPS)
            or field.related_model._meta.label in named | protected
        )
    }


def unprotected() -> set[str]:
    """Return the models that belong to somebody, and neither have a policy nor a reason."""
    return owned_models() - protected_models() - set().union(*WITHOUT.values())


def state() -> Any:
    return MigrationExecutor(connection).loader.project_state()


def test_what_belongs_to_somebody_is_protected() -> None:
    assert unprotected() == set()


def test_wall_can_be_taken_down_and_built_again() -> None:
    before, project = protected_models(), state()

    with connection.schema_editor() as editor:
        for operation in reversed(migration.operations):
            operation.database_backwards("row_security", editor, project, project)
    without, found = protected_models(), unprotected()
    with connection.schema_editor() as editor:
        for operation in migration.operations:
            operation.database_forwards("row_security", editor, project, project)

    assert (without, protected_models()) == (set(), before)
    assert "idempotency.IdempotencyKey" in found


def test_owner_or_parent_is_named() -> None:
    with pytest.raises(ValueError, match="name one of them"):
        ProtectRows("progress.TaskRun")
    with pytest.raises(ValueError, match="name one of them"):
        ProtectRows("progress.TaskRun", owner="created_by", parent="order")


def test_operation_survives_being_written_down() -> None:
    for operation in migration.operations:
        name, args, kwargs = operation.deconstruct()
        assert (name, vars(ProtectRows(*args, **kwargs))) == ("ProtectRows", vars(operation))


def test_roles_that_reach_all_rows_are_those_to_which_rules_grant_them() -> None:
    rules = [
        rule
        for app in ("users", "orders")
        if apps.is_installed(f"apps.{app}")
        for rule in vars(import_module(f"apps.{app}.rules")).values()
        if isinstance(rule, Rule)
    ]
    granted = {role for rule in rules for role, rows in rule.grants.items() if rows is EVERY}
    owners = {
        role for rule in rules for role, rows in rule.grants.items() if isinstance(rows, Owned)
    }

    assert granted <= settings.ROLES_THAT_REACH_ALL_ROWS | {Role.CUSTOMER} - owners
    assert Role.CUSTOMER not in settings.ROLES_THAT_REACH_ALL_ROWS
