"""``manage.py erase_account ann@example.com``: for people who ask for it by mail."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.users.errors import LastAdminError
from apps.users.models import User
from apps.users.services import account_erase


class Command(BaseCommand):
    """Erases one person. Make sure that it is the person who asks."""

    help = "Close the account with this address, and erase all that is personal in it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument(
            "--noinput", "--no-input", action="store_false", dest="interactive", help="Do not ask."
        )

    def handle(self, *_: Any, email: str, interactive: bool, **__: Any) -> None:
        user = User.objects.filter(email=User.objects.normalize_email(email)).first()
        if user is None:
            raise CommandError(f"No account has the address {email}.")
        question = f"Erase {user.email} for good? Type the address again to go on: "
        if interactive and User.objects.normalize_email(input(question)) != user.email:
            raise CommandError("Nothing was erased.")
        try:
            account_erase(user_id=user.pk)
        except LastAdminError as error:
            raise CommandError(error.message) from error
        self.stdout.write(f"Erased. What is left is the account {user.pk}, which names nobody.")
