"""``manage.py seed_demo``: something to look at in development."""

from typing import Any

from django.conf import settings
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandError

from apps.users.models import User
from apps.users.roles import Role
from apps.users.services import user_assign_roles

EMAIL = "demo@example.com"
PASSWORD = "demo-password"  # noqa: S105 (known to everybody, so never where DEBUG is off) # nosec B105

# An app joins in with a command of its own whose name starts so.
APP_COMMAND_PREFIX = "seed_demo_"


class Command(BaseCommand):
    """Makes the demo accounts, then the demo data of each app. Running it again is safe."""

    help = "Make an account for each role with a known password, and the demo data of every app."

    def handle(self, *_: Any, **__: Any) -> None:
        if not settings.DEBUG:
            raise CommandError(
                "seed_demo makes accounts whose password everybody knows, so it runs only with DEBUG "
                "on, as in config.settings.development."
            )
        if not User.objects.filter(email=EMAIL).exists():
            user = User.objects.create_superuser(EMAIL, PASSWORD, first_name="Demo")
            user_assign_roles(user=user, roles=[Role.ADMIN])
        self.stdout.write(f"Demo admin: {EMAIL} / {PASSWORD}")
        for role in (Role.CUSTOMER, Role.STAFF, Role.MANAGER, Role.AUDITOR):
            email = f"{role}@example.com"
            if not User.objects.filter(email=email).exists():
                user = User.objects.create_user(
                    email, PASSWORD, first_name="Demo", is_staff=role != Role.CUSTOMER
                )
                user_assign_roles(user=user, roles=[role])
            self.stdout.write(f"Demo {role}: {email} / {PASSWORD}")
        for name in sorted(get_commands()):
            if name.startswith(APP_COMMAND_PREFIX):
                call_command(name, stdout=self.stdout)
