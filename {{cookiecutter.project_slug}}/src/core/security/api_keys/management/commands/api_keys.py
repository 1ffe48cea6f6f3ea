"""``manage.py api_keys``: keys of machines, which have an account that nobody can sign in to."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_slug
from django.db import transaction
from django.utils import timezone

from core.errors import ApplicationError
from core.security.api_keys.models import ApiKey
from core.security.api_keys.services import api_key_create, api_key_revoke, api_key_rotate

# Nobody gets mail there, such as a link to set a password: https://www.rfc-editor.org/rfc/rfc2606#section-2
MACHINES = "machines.invalid"


class Command(BaseCommand):
    """Prints a new key alone to the output, and what there is to say of it beside."""

    help = "Make, rotate and revoke the API keys of machines."

    def add_arguments(self, parser: ArgumentParser) -> None:
        commands = parser.add_subparsers(dest="command", required=True)

        create = commands.add_parser("create", help="a key, and the account if there is none")
        create.add_argument("machine", help="its name: letters, digits, - and _")
        create.add_argument(
            "--scope",
            action="append",
            required=True,
            choices=list(settings.API_KEY_SCOPES),
            help="what the key may do; may be repeated",
        )
        create.add_argument(
            "--role", action="append", default=[], help="a role of a new account; may be repeated"
        )
        create.add_argument("--days", type=int, help="how long it holds; API_KEY_DEFAULT_DAYS")

        rotate = commands.add_parser("rotate", help="a key in place of another")
        rotate.add_argument("prefix")
        rotate.add_argument(
            "--grace-hours", type=int, default=24, help="how long the other goes on; 24"
        )

        revoke = commands.add_parser("revoke", help="end a key at once")
        revoke.add_argument("prefix")

    def handle(self, *, command: str, **options: Any) -> None:
        try:
            getattr(self, f"_{command}")(options)
        except ApplicationError as error:
            raise CommandError(error.message) from error

    @transaction.atomic
    def _create(self, options: dict[str, Any]) -> None:
        days = options["days"]
        if days is not None and days < 1:
            raise CommandError(f"--days {days}: give a whole number from 1 on.")
        user = machine_account(options["machine"], options["role"])
        made = api_key_create(
            user=user,
            name=options["machine"],
            scopes=options["scope"],
            expires_at=None if days is None else timezone.now() + timedelta(days=days),
        )
        self._tell(*made)

    def _rotate(self, options: dict[str, Any]) -> None:
        hours = options["grace_hours"]
        if not 0 <= hours <= settings.API_KEY_GRACE_MAX_HOURS:
            raise CommandError(
                f"--grace-hours {hours}: give 0 to {settings.API_KEY_GRACE_MAX_HOURS}."
            )
        self._tell(*api_key_rotate(api_key=key_of(options["prefix"]), grace_hours=hours))

    def _revoke(self, options: dict[str, Any]) -> None:
        api_key_revoke(api_key=key_of(options["prefix"]))

    def _tell(self, api_key: ApiKey, key: str) -> None:
        self.stderr.write(
            f"Key {api_key.prefix} of {api_key.user} holds until {api_key.expires_at:%Y-%m-%d %H:%M} UTC."
        )
        self.stdout.write(key)


def machine_account(name: str, roles: list[str]) -> Any:
    """Return the account of the machine ``name``: the one that is there, or a new one.

    Raises:
        CommandError: for a name that is none, a role that there is not, roles of an account that
            is there, and an account that somebody can sign in to.
    """
    try:
        validate_slug(name)
    except ValidationError as error:
        raise CommandError(f"{name}: use letters, digits, - and _ only.") from error
    email = f"{name.lower()}@{MACHINES}"
    users = get_user_model()._default_manager  # noqa: SLF001 (documented by Django)
    user = users.filter(email=email).first()
    if user is None:
        groups = list(Group.objects.filter(name__in=roles))
        if missing := sorted(set(roles) - {group.name for group in groups}):
            raise CommandError(f"There is no role {', '.join(missing)}.")
        user = users.create_user(email)
        user.groups.set(groups)
        return user
    if roles:
        raise CommandError(f"The account {email} is there: change its roles in the admin.")
    if user.has_usable_password():
        raise CommandError(f"The account {email} has a password, so it is no machine's.")
    return user


def key_of(prefix: str) -> ApiKey:
    api_key = ApiKey.objects.select_related("user").filter(prefix=prefix).first()
    if api_key is None:
        raise CommandError(f"There is no key {prefix}.")
    return api_key
