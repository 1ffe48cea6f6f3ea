"""``manage.py enrol_second_factor ann@example.com``: what the admin asks for beside the password."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.users.services import second_factor_enrol
from core.errors import ApplicationError


class Command(BaseCommand):
    """Makes a device, and prints its key: once, and for nobody but its owner."""

    help = "Give a member of the staff a second factor for the admin."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument(
            "--replace",
            action="store_true",
            help="Make the device of before void. Make sure first that it is its owner who asks.",
        )

    def handle(self, *_: Any, email: str, replace: bool, **__: Any) -> None:
        try:
            uri = second_factor_enrol(email=email, is_replaced=replace)
        except ApplicationError as error:
            raise CommandError(error.message) from error
        self.stderr.write("Bring this into an authenticator app. It is not shown again.")
        self.stdout.write(uri)
