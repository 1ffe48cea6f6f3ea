"""What there is."""

from django.db.models import Count

from core.dead_letters.models import DeadLetter


def counts() -> dict[tuple[str, str], int]:
    """Return how many letters wait to be sent again or to be forgotten, by task and reason."""
    waiting = DeadLetter.objects.filter(resent_at=None).order_by("task", "reason")
    rows = waiting.values_list("task", "reason").annotate(number=Count("pk"))
    return {(task, reason): number for task, reason, number in rows}
