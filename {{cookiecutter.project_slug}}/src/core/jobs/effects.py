"""What has effects outside of the database, once for each key.

No database can share a transaction with a mail server or a payment provider. So the key is claimed
first, in a transaction of its own that everybody sees; then comes the effect; then the key is marked
as done. That gives:

- A key that is done is never done again.
- Two workers never work on one key at the same time, if the effect ends within the lease.
- An effect that raises gives the key back, for the next try.
- A database whose connections are cut when the effect is out is asked again for ``MARK_SECONDS``.
- A worker that is killed leaves the key claimed. When the lease is over the effect is done again,
  because nobody can know how far it came. Between the effect and the mark, a few milliseconds, this
  does it twice: *at least once*. Where the other side takes an idempotency key, give it the same key:
  that makes it exactly once.

An effect within this database needs none of this: write it in one transaction with a unique row.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from hashlib import sha256
from uuid import UUID, uuid4

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from core.database.connections import insist
from core.jobs.batches import delete_in_batches
from core.jobs.errors import EffectHeldError
from core.jobs.models import Effect

# How long to go on trying to mark an effect as done, which nobody can undo.
MARK_SECONDS = 30.0


@contextmanager
def once(key: str, *, lease_seconds: float | None = None) -> Iterator[bool]:
    """Tell the block whether to do the effect of ``key``: false if that is done.

    ::

        with once(f"welcome:{user_id}") as is_first:
            if is_first:
                send_mail(...)

    Args:
        key: names the effect, in at most 255 characters, for example by task and row.
        lease_seconds: how long the block takes at most; ``EFFECT_LEASE_SECONDS`` if not given.

    Raises:
        EffectHeldError: while another worker is at it. A task is tried again when the lease is over.
        RuntimeError: within a transaction, where no other worker would see the claim.
        ValueError: for an empty or longer key.
    """
    token = claim(key, settings.EFFECT_LEASE_SECONDS if lease_seconds is None else lease_seconds)
    if token is None:
        yield False
        return
    mine = Effect.objects.filter(pk=digest_of(key), token=token)
    try:
        yield True
    except BaseException:
        insist(mine.delete, seconds=0)
        raise
    insist(lambda: mine.update(done_at=timezone.now()), seconds=MARK_SECONDS)


def claim(key: str, lease_seconds: float) -> UUID | None:
    """Return a token for the right to do the effect, or ``None`` if it is done."""
    if not 0 < len(key) <= 255:
        raise ValueError(f"The key of an effect has 1 to 255 characters, not {len(key)}.")
    token = uuid4()
    is_mine = insist(lambda: _claim(key, token, lease_seconds), seconds=0)
    return token if is_mine else None


def _claim(key: str, token: UUID, lease_seconds: float) -> bool:
    """Claim the effect under ``token``; return false if it is done."""
    now = timezone.now()
    lease = {"token": token, "held_until": now + timedelta(seconds=lease_seconds)}
    try:
        with transaction.atomic(durable=True):
            Effect.objects.create(digest=digest_of(key), key=key, **lease)
    except IntegrityError:
        known = Effect.objects.filter(pk=digest_of(key)).first()
    else:
        return True
    if known is not None and known.token == token:
        return True  # Written before; only the database's answer was lost.
    if known is not None and known.done_at:
        return False
    if known is None or known.held_until > now:
        # Given back in this moment, or at work.
        raise EffectHeldError(key, seconds=(known.held_until - now).total_seconds() if known else 0)
    # Of several that find the lease over, one changes the row that all have read.
    left = Effect.objects.filter(pk=known.pk, token=known.token, done_at=None)
    if not left.update(**lease):
        raise EffectHeldError(key, seconds=lease_seconds)
    return True


def digest_of(key: str) -> str:
    """Return what stands for ``key`` in every database: its SHA-256, in hexadecimal digits."""
    return sha256(key.encode()).hexdigest()


def purge() -> None:
    """Forget the effects whose lease ended more than ``EFFECT_RETENTION_DAYS`` ago."""
    before = timezone.now() - timedelta(days=settings.EFFECT_RETENTION_DAYS)
    delete_in_batches(Effect.objects.filter(held_until__lt=before))
