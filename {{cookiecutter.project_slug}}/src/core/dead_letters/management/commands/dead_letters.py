"""``manage.py dead_letters``: look at the messages of tasks that ended badly; send them again."""

from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.db.models import QuerySet

from core.dead_letters import services
from core.dead_letters.models import DeadLetter, Reason
from core.dead_letters.selectors import counts
from core.errors import ApplicationError, UnavailableError

SHOWN = (
    *("id", "task", "task_id", "root_id", "queue", "args", "kwargs", "headers", "body", "reason"),
    *("error", "message", "retries", "deliveries", "first_at", "last_at", "resent_at"),
    *("resent_by_id", "former_id", "trace"),
)


class Command(BaseCommand):
    """Ends with 0 when all was done, with 1 and a sentence when something was not."""

    help = "List, show and send again the messages of tasks that ended badly."

    def add_arguments(self, parser: ArgumentParser) -> None:
        commands = parser.add_subparsers(dest="command", required=True)

        listing = commands.add_parser("list", help="what there is, the newest first")
        listing.add_argument("--task", help="only those of this task")
        listing.add_argument("--reason", choices=Reason.values, help="only those for this reason")
        listing.add_argument("--resent", action="store_true", help="those that were sent again too")
        listing.add_argument("--limit", type=int, default=50, help="at most so many lines; 50")
        listing.add_argument("--counts", action="store_true", help="only how many wait, of what")

        show = commands.add_parser("show", help="all that is known of one")
        show.add_argument("id", type=UUID)

        send = commands.add_parser("send", help="send again what was not sent again before")
        which = send.add_mutually_exclusive_group(required=True)
        which.add_argument("--id", type=UUID, action="append", help="this one; may be repeated")
        which.add_argument("--task", help="all of this task")
        which.add_argument("--all", action="store_true", help="all that can be read")

        commands.add_parser("drain", help="fetch what waits in the broker's queue of dead letters")

        purge = commands.add_parser("purge", help="delete what is old")
        purge.add_argument(
            "--days", type=int, help="older than so many; DEAD_LETTER_RETENTION_DAYS"
        )

    def handle(self, *, command: str, **options: Any) -> None:
        getattr(self, f"_{command}")(options)

    def _list(self, options: dict[str, Any]) -> None:
        if options["counts"]:
            for (task, reason), number in counts().items():
                self.stdout.write(f"{number}\t{reason}\t{task or '?'}")
            return
        letters = DeadLetter.objects.all() if options["resent"] else _waiting()
        if options["task"]:
            letters = letters.filter(task=options["task"])
        if options["reason"]:
            letters = letters.filter(reason=options["reason"])
        for letter in letters[: options["limit"]]:
            resent = "resent" if letter.resent_at else "waiting"
            self.stdout.write(
                f"{letter.pk}\t{letter.last_at:%Y-%m-%d %H:%M:%S}\t{resent}\t{letter.reason}\t"
                f"{letter.task or '?'}\t{letter.error}"
            )

    def _show(self, options: dict[str, Any]) -> None:
        letter = DeadLetter.objects.filter(pk=options["id"]).first()
        if letter is None:
            raise CommandError(f"There is no dead letter {options['id']}.")
        for name in SHOWN:
            self.stdout.write(f"{name}: {getattr(letter, name)}")

    def _send(self, options: dict[str, Any]) -> None:
        letters = _waiting().exclude(task="").filter(body="").order_by("last_at", "pk")
        if options["task"]:
            letters = letters.filter(task=options["task"])
        ids = options["id"] or list(letters.values_list("pk", flat=True))
        sent = 0
        refused = []
        for letter_id in ids:
            try:
                if services.dead_letter_send(letter_id=letter_id):
                    sent += 1
                elif options["id"]:
                    refused.append(f"Dead letter {letter_id} had been sent again before.")
            except UnavailableError as error:
                raise CommandError(
                    f"{error.message} {sent} were sent again; the others are as they were."
                ) from error
            except ApplicationError as error:
                refused.append(error.message)
        self.stdout.write(f"{sent} were sent again.")
        if refused:
            raise CommandError("\n".join(refused))

    def _drain(self, _: dict[str, Any]) -> None:
        try:
            count = services.dead_letters_drain()
        except UnavailableError as error:
            raise CommandError(error.message) from error
        self.stdout.write(f"{count} were fetched from the broker.")

    def _purge(self, options: dict[str, Any]) -> None:
        days = options["days"]
        if days is not None and days < 0:
            raise CommandError(f"--days {days}: give a whole number from 0 on.")
        count = services.dead_letters_purge(days=days)
        self.stdout.write(f"{count} were deleted.")


def _waiting() -> QuerySet[DeadLetter]:
    return DeadLetter.objects.filter(resent_at=None)
