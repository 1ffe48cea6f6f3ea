"""Keeps letters, sends them again, and forgets them."""

import json
import logging
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from core.dead_letters import broker
from core.dead_letters.letters import Letter, time_of
from core.dead_letters.models import DeadLetter, Redelivery
from core.errors import NotFoundError, UnprocessableError
from core.identity.actor import acting_as
from core.jobs.batches import delete_in_batches

logger = logging.getLogger(__name__)


@acting_as(None)  # Nobody wrote it, and an account may be gone.
@transaction.atomic
def dead_letter_keep(*, letter: Letter) -> DeadLetter:
    """Write a letter down. One that is told twice is one row, which has what was told last.

    Raises:
        DatabaseError: if it was not written.
    """
    began_again = Redelivery.objects.filter(pk=letter.task_id).first() if letter.task_id else None
    told: dict[str, Any] = letter.as_dict()
    told["last_at"] = time_of(letter)
    told["former_id"] = _existing(letter.former_id)
    if began_again:
        told["deliveries"] = max(letter.deliveries, began_again.count + 1)
        began_again.delete()
    del told["at"]
    row, is_new = DeadLetter.objects.select_for_update().get_or_create(
        key=letter.key, defaults={**told, "first_at": told["last_at"]}
    )
    if is_new:
        # Neither arguments nor the error's text: they may hold what no log should.
        fields = {
            "dead_letter": str(row.pk),
            "task": row.task,
            "task_id": row.task_id,
            "queue": row.queue,
            "reason": row.reason,
            "error": row.error,
            "retries": row.retries,
            "deliveries": row.deliveries,
        }
        logger.error("dead letter %s", json.dumps(fields), extra=fields)
    # The broker's copy of a message says less than who ran it.
    elif letter.error and (told["last_at"] > row.last_at or not row.error):
        for name, value in told.items():
            setattr(row, name, value)
        row.save()
    return row


def redelivery_count(*, task_id: str) -> int:
    """Count that a message is begun once more, and return how often it was."""
    Redelivery.objects.get_or_create(task_id=task_id)
    Redelivery.objects.filter(task_id=task_id).update(count=F("count") + 1)
    return Redelivery.objects.get(task_id=task_id).count


def redelivery_end(*, task_id: str) -> None:
    """Forget how often a message was begun: whoever ran it has ended it."""
    Redelivery.objects.filter(task_id=task_id).delete()


def dead_letter_send(*, letter_id: UUID, user_id: UUID | None = None) -> bool:
    """Send the task of a letter again: under its own id, in its queue, for whom it was sent first.

    It is marked in the transaction that sends it, so two who try at the same time send it once.
    Who is killed between sending and the commit leaves a letter that can be sent a second time.

    Args:
        letter_id: the letter.
        user_id: who sends it; ``None`` for the service itself.

    Returns:
        Whether it was sent: not if somebody has done so before.

    Raises:
        NotFoundError: there is no such letter.
        UnavailableError: the broker does not answer; nothing is marked.
        UnprocessableError: the message could not be read, or its queue is no more.
    """
    with transaction.atomic():
        letter = DeadLetter.objects.filter(pk=letter_id).first()
        if letter is None:
            raise NotFoundError(f"There is no dead letter {letter_id}.")
        if not letter.is_readable:
            raise UnprocessableError(
                f"Dead letter {letter_id} could not be read, so it cannot be sent again."
            )
        # Whoever comes second waits here until the first has committed, and then finds none.
        marked = DeadLetter.objects.filter(pk=letter_id, resent_at=None).update(
            resent_at=timezone.now(), resent_by=user_id
        )
        if marked:
            broker.send(letter)
    return bool(marked)


def dead_letters_drain() -> int:
    """Keep the letters that wait in the broker, each before it is acknowledged; return how many.

    Raises:
        DatabaseError: the database keeps none; what is not written stays in the broker.
        SoftTimeLimitExceeded: it has taken too long; the rest stays in the broker.
        UnavailableError: the broker does not answer.
    """
    # Asked first, so that no message is taken out in vain.
    DeadLetter.objects.exists()
    return broker.drain(lambda letter: dead_letter_keep(letter=letter))


def dead_letters_purge(*, days: int | None = None) -> int:
    """Delete what is older than ``days``, by default ``DEAD_LETTER_RETENTION_DAYS``; return how many."""
    kept_for = timedelta(days=settings.DEAD_LETTER_RETENTION_DAYS if days is None else days)
    old = DeadLetter.objects.filter(last_at__lte=timezone.now() - kept_for).order_by("last_at")
    count = delete_in_batches(old)
    delete_in_batches(Redelivery.objects.filter(created_at__lte=timezone.now() - kept_for))
    return count


def _existing(former_id: str) -> UUID | None:
    try:
        key = UUID(former_id)
    except ValueError:
        return None
    return key if DeadLetter.objects.filter(pk=key).exists() else None
