"""Registers the app, and sees to it that the roles exist in every database."""

from importlib import import_module
from typing import Any

from django.apps import AppConfig, apps
from django.apps.registry import Apps
from django.db.models.signals import post_migrate


class UsersConfig(AppConfig):
    name = "apps.users"

    def ready(self) -> None:
        # Connects what follows when something happens here.
        import_module("apps.users.receivers")
        # Describes the credentials: drf-spectacular knows what has been imported.
        import_module("apps.users.authentication.{{ cookiecutter.auth }}.schema")
        # Not a migration: flushing a database, as tests do, would remove what that had made.
        post_migrate.connect(create_roles, sender=self)


def create_roles(*, using: str, apps: Apps = apps, **_: Any) -> None:
    """Create a group for each role that has none in the database ``using``.

    https://docs.djangoproject.com/en/stable/ref/signals/#post-migrate
    """
    from apps.users.models import Role  # noqa: PLC0415 (models load after the app's registration)

    try:
        group_model: Any = apps.get_model("auth", "Group")
    except LookupError:  # Migrated back to before the groups.
        return
    group_model.objects.using(using).bulk_create(
        [group_model(name=role.value) for role in Role],
        ignore_conflicts=True,
    )
