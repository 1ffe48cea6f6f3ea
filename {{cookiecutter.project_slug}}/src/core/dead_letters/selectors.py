"""What there is."""

from collections.abc import Collection

from django.db.models import Case, Count, F, Value, When

from core.dead_letters.models import DeadLetter, Reason


def counts(*, among: Collection[str] | None = None) -> dict[tuple[str, str], int]:
    """Return how many letters wait to be sent again or to be forgotten, by task and reason.

    Args:
        among: the tasks to tell apart. All others count as ``""``, and so do reasons that are none:
            the database answers with a bounded number of rows, whatever stood in the messages.
            ``None`` tells all apart.
    """
    waiting = DeadLetter.objects.filter(resent_at=None)
    if among is None:
        named = waiting.annotate(of=F("task"), why=F("reason"))
    else:
        named = waiting.annotate(
            of=Case(When(task__in=among, then="task"), default=Value("")),
            why=Case(When(reason__in=Reason.values, then="reason"), default=Value("")),
        )
    rows = named.order_by("of", "why").values_list("of", "why").annotate(number=Count("pk"))
    return {(task, reason): number for task, reason, number in rows}
