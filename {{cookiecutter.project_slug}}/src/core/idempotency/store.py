"""Who may work on a key, and what was answered.

A request claims its key, in a transaction of its own so that a twin sees it at once. Then it works,
and writes its answer in the transaction of what it did: both are there after a crash, or neither. A
claim that a crash left behind is taken over when its time is up. One that was taken over while its
request was only slow is lost, and with it what that request did: two never have effects.

A connection that ends during a COMMIT leaves open whether that was done. So a claim is asked for
again by its own name, and given back only where it has no answer: that is there if the work is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from core.database.connections import insist
from core.idempotency.errors import KeyInUseError, KeyReusedError
from core.idempotency.keys import digest_of
from core.idempotency.models import IdempotencyKey
from core.jobs.batches import delete_in_batches


@dataclass(frozen=True, kw_only=True)
class Claim:
    """The right to work on a key."""

    digest: str
    token: UUID


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What was answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def claim_or_answer(*, user_id: UUID, key: str, fingerprint: str) -> Claim | Answer:
    """Return the right to work on ``key``, or the answer if it has one.

    Raises:
        KeyReusedError: if the key belongs to a request with another fingerprint.
        KeyInUseError: while another request works on it.
        RuntimeError: within a transaction, where no twin would see the claim.
    """
    claim = Claim(digest=digest_of(user_id=user_id, key=key), token=uuid4())
    return insist(lambda: _claim_or_answer(claim, user_id, fingerprint), seconds=0)


def _claim_or_answer(claim: Claim, user_id: UUID, fingerprint: str) -> Claim | Answer:
    now = timezone.now()
    fields: dict[str, Any] = {
        "fingerprint": fingerprint,
        "claim": claim.token,
        "claimed_until": now + timedelta(seconds=settings.IDEMPOTENCY_LEASE_SECONDS),
        "expires_at": now + timedelta(hours=settings.IDEMPOTENCY_RETENTION_HOURS),
        "status": None,
        "headers": {},
        "body": b"",
    }
    try:
        with transaction.atomic(durable=True):
            IdempotencyKey.objects.create(digest=claim.digest, user_id=user_id, **fields)
    except IntegrityError:
        known = IdempotencyKey.objects.filter(pk=claim.digest).first()
    else:
        return claim
    if known is not None and known.claim == claim.token:
        return claim  # Written before; only the database's answer was lost.
    if known is not None and known.expires_at > now:
        if known.fingerprint != fingerprint:
            raise KeyReusedError("This Idempotency-Key belongs to another request. Make a new one.")
        if known.status is not None:
            return Answer(status=known.status, headers=known.headers, body=bytes(known.body))
        if known.claimed_until > now:
            raise _in_use()
    if known is None or not take_over(known, fields):
        raise _in_use()
    return claim


def take_over(known: IdempotencyKey, fields: Mapping[str, Any]) -> bool:
    """Write ``fields``, unless the row has changed since ``known`` was read."""
    unchanged = IdempotencyKey.objects.filter(
        pk=known.pk, claim=known.claim, status__isnull=known.status is None
    )
    return unchanged.update(**fields) == 1


def complete(claim: Claim, answer: Answer) -> None:
    """Keep ``answer``, in the transaction that is open.

    Raises:
        KeyInUseError: if the claim was taken over. The transaction must not be committed then.
    """
    mine = IdempotencyKey.objects.filter(pk=claim.digest, claim=claim.token)
    changes = {"status": answer.status, "headers": dict(answer.headers), "body": answer.body}
    if not mine.update(**changes):
        raise _in_use()


def release(claim: Claim) -> None:
    """Forget the key, so that the same request may be tried again at once; not if it has its answer."""
    mine = IdempotencyKey.objects.filter(pk=claim.digest, claim=claim.token, status=None)
    insist(mine.delete, seconds=0)  # The caller is waiting for why its request failed.


def purge() -> None:
    """Delete the keys that have expired."""
    delete_in_batches(IdempotencyKey.objects.filter(expires_at__lte=timezone.now()))


def _in_use() -> KeyInUseError:
    return KeyInUseError("A request with this Idempotency-Key is at work. Try again in a moment.")
