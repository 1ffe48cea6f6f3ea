"""Registers the app, and sees to it that every database has the roles with their permissions."""

from importlib import import_module
from typing import Any

from django.apps import AppConfig, apps
from django.apps.registry import Apps
from django.db.models.signals import post_migrate
from django.utils.module_loading import autodiscover_modules

from apps.users.roles import Role


class UsersConfig(AppConfig):
    name = "apps.users"

    def ready(self) -> None:
        # Connects what follows when something happens here.
        import_module("apps.users.receivers")
        # Lets `manage.py check --deploy` know them.
        import_module("apps.users.checks")
        # What each app and room does when a person is erased.
        autodiscover_modules("personal_data")
        # % if cookiecutter.auth != "oidc"
        import_module("apps.users.authentication.accounts.receivers")
        # % endif
        # Describes the credentials: drf-spectacular knows what has been imported.
        import_module("apps.users.authentication.{{ cookiecutter.auth }}.schema")
        # Beside the migration: flushing a database, as tests do, removes what that has made. And
        # permissions are there only after an app's migrations.
        post_migrate.connect(create_roles, sender=self)
        post_migrate.connect(grant_permissions)


def create_roles(*, using: str, apps: Apps = apps, **_: Any) -> None:
    """Create a group for each role that has none in the database ``using``.

    https://docs.djangoproject.com/en/stable/ref/signals/#post-migrate
    """
    try:
        group_model: Any = apps.get_model("auth", "Group")
    except LookupError:  # Migrated back to before the groups.
        return
    group_model.objects.using(using).bulk_create(
        [group_model(name=role.value) for role in Role],
        ignore_conflicts=True,
    )


def grant_permissions(*, app_config: AppConfig, using: str, apps: Apps = apps, **_: Any) -> None:
    """Let auditors see, and admins do, what the admin site has of an app.

    What was granted by hand stays. No signals: this is no change that somebody made.
    """
    try:
        group_model: Any = apps.get_model("auth", "Group")
        permission_model: Any = apps.get_model("auth", "Permission")
    except LookupError:  # Migrated back to before the groups.
        return
    groups = group_model.objects.using(using).in_bulk([Role.AUDITOR, Role.ADMIN], field_name="name")
    permissions = permission_model.objects.using(using).filter(
        content_type__app_label=app_config.label
    )
    through = group_model.permissions.through
    through.objects.using(using).bulk_create(
        [
            through(group_id=group.pk, permission_id=permission.pk)
            for permission in permissions
            for role, group in groups.items()
            if role == Role.ADMIN or permission.codename.startswith("view_")
        ],
        ignore_conflicts=True,
    )
