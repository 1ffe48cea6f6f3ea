"""Claims are taken over once, and forgotten in time."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import transaction
from django.utils import timezone

from core.idempotency import store
from core.idempotency.errors import KeyInUseError
from core.idempotency.models import IdempotencyKey
from core.idempotency.tasks import idempotency_purge
from core.jobs import batches
from tests.factories.users import UserFactory

FINGERPRINT = "f" * 64


def claim(user, key="key-1"):
    return store.claim_or_answer(user_id=user.pk, key=key, fingerprint=FINGERPRINT)


@pytest.mark.django_db
def test_claim_that_two_saw_expire_is_taken_over_by_one():
    claim(UserFactory())
    seen_by_one, seen_by_other = IdempotencyKey.objects.get(), IdempotencyKey.objects.get()

    taken = [store.take_over(seen, {"claim": uuid4()}) for seen in (seen_by_one, seen_by_other)]

    assert taken == [True, False]


@pytest.mark.django_db
def test_claim_that_was_answered_meanwhile_is_not_taken_over():
    held = claim(UserFactory())
    seen = IdempotencyKey.objects.get()
    store.complete(held, store.Answer(status=201, headers={}, body=b"done"))

    assert not store.take_over(seen, {"status": None})
    assert IdempotencyKey.objects.get().status == 201


@pytest.mark.django_db
def test_claim_that_was_lost_gives_nothing_back():
    user = UserFactory()
    lost = claim(user)
    IdempotencyKey.objects.update(claimed_until=timezone.now())
    claim(user)

    store.release(lost)

    with pytest.raises(KeyInUseError):
        claim(user)


@pytest.mark.django_db(transaction=True)
def test_claim_within_a_transaction_is_refused():
    user = UserFactory()

    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        claim(user)


@pytest.mark.django_db
def test_purge_forgets_what_has_expired_in_batches(monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(batches, "BATCH_SIZE", 2)
    user = UserFactory()
    for number in range(4):
        claim(user, key=f"key-{number}")
    IdempotencyKey.objects.update(expires_at=timezone.now())
    claim(user, key="new")
    kept = IdempotencyKey.objects.filter(expires_at__gt=timezone.now()).get()

    with django_assert_num_queries(5):  # Twice the keys and their end; once there are none.
        idempotency_purge()

    assert IdempotencyKey.objects.get() == kept


@pytest.mark.django_db
def test_purge_forgets_nothing_before_its_time():
    claim(UserFactory())
    IdempotencyKey.objects.update(expires_at=timezone.now() + timedelta(seconds=60))

    idempotency_purge()

    assert IdempotencyKey.objects.count() == 1
