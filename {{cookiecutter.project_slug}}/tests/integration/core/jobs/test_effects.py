"""An effect outside of the database happens once for each key."""

from datetime import timedelta

import pytest
from celery import Celery
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from pytest_django import Settings

from core.jobs import effects
from core.jobs.effects import once
from core.jobs.errors import EffectHeldError
from core.jobs.models import Effect
from core.jobs.tasks import BaseTask, effects_purge

pytestmark = pytest.mark.django_db


def do(key: str, done: list[str]) -> None:
    with once(key) as is_first:
        if is_first:
            done.append(key)


def test_effect_happens_once_for_each_key() -> None:
    done: list[str] = []

    for key in ("a", "b", "a", "A", "a"):
        do(key, done)

    assert done == ["a", "b", "A"]


def test_effect_that_fails_may_be_tried_again_at_once() -> None:
    with pytest.raises(ConnectionError), once("a"):
        raise ConnectionError

    with once("a") as is_first:
        assert is_first


def test_effect_is_left_alone_while_another_is_at_it() -> None:
    with once("a"), pytest.raises(EffectHeldError) as refused, once("a"):
        pytest.fail("Two are at it.")

    assert 0 < refused.value.seconds <= settings.EFFECT_LEASE_SECONDS


def test_effect_of_a_killed_worker_is_done_again_when_its_lease_is_over() -> None:
    effects.claim("a", lease_seconds=0)

    with once("a") as is_first:
        assert is_first
    with once("a") as is_first:
        assert not is_first


@pytest.mark.django_db(transaction=True)
def test_effect_within_a_transaction_is_refused() -> None:
    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"), once("a"):
        pytest.fail("Nobody would see the claim.")


@pytest.mark.parametrize("key", ["", "x" * 256])
def test_key_that_no_row_could_have_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="has 1 to 255 characters"), once(key):
        pytest.fail("There is no such key.")


def test_task_that_finds_its_effect_held_waits_for_the_lease() -> None:
    other = Celery("tests", task_cls=BaseTask, set_as_current=False)
    other.conf.update(task_always_eager=True, task_ignore_result=True)
    waits = []

    class NotingTask(BaseTask):
        abstract = True

        def retry(self, *args, countdown=None, **kwargs):
            waits.append(countdown)
            Effect.objects.update(held_until=timezone.now())
            return super().retry(*args, countdown=countdown, **kwargs)

    done: list[str] = []

    @other.task(base=NotingTask, shared=False)
    def work() -> None:
        do("a", done)

    effects.claim("a", lease_seconds=7)
    work.delay()

    assert waits == [8]
    assert done == ["a"]
    other.close()


def test_old_effects_are_forgotten(settings: Settings) -> None:
    settings.EFFECT_RETENTION_DAYS = 2
    done: list[str] = []
    do("new", done)
    do("old", done)
    past = timezone.now() - timedelta(days=2, seconds=1)
    Effect.objects.filter(key="old").update(held_until=past)

    effects_purge.delay()

    assert [effect.key for effect in Effect.objects.all()] == ["new"]
