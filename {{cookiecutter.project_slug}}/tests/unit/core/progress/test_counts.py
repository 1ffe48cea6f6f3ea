"""Counts go to the cache: now and then, and never at the cost of the work."""

from uuid import uuid4

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.core.cache import cache

from core.progress import counts
from core.progress.counts import Counts, Progress, percent_of, told

AWAY = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": "redis://127.0.0.1:1/0",
    }
}


class Clock:
    """Stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(counts, "monotonic", clock)
    return clock


def test_counts_are_written_every_now_and_then(clock):
    key = uuid4()
    progress = Progress(key, 5)
    heard = [told(key)]
    for step in (0, counts.EVERY_SECONDS / 2, counts.EVERY_SECONDS):
        clock.now = 1000 + step
        progress.advance()
        heard.append(told(key))

    assert heard == [Counts(5), Counts(5), Counts(5), Counts(8)]
    assert progress.counts == Counts(8)


def test_what_there_is_to_do_is_told_at_once(clock):
    key = uuid4()
    progress = Progress(key)

    progress.tell(done=0, total=500)

    assert told(key) == Counts(0, 500)


def test_total_stays_until_another_is_told():
    progress = Progress(None)
    progress.tell(done=1, total=3)

    progress.tell(done=2)

    assert progress.counts == Counts(2, 3)


@pytest.mark.parametrize(("done", "total"), [(-1, 3), (1, -1)])
def test_number_below_0_is_refused(done, total):
    with pytest.raises(ValueError, match="counts from 0"):
        Progress(None).tell(done=done, total=total)


def test_beginning_again_forgets_what_was_told(clock):
    key = uuid4()
    Progress(key).tell(done=2, total=3)

    Progress(key)

    assert told(key) == Counts(0)


def test_nothing_is_known_of_what_was_never_told():
    assert told(uuid4()) is None


def test_cache_that_is_away_is_left_alone_for_a_while(clock, settings):
    key, there = uuid4(), settings.CACHES
    settings.CACHES = AWAY
    progress = Progress(key)
    assert told(key) is None

    settings.CACHES = there
    clock.now += counts.AWAY_SECONDS - 1
    progress.advance()
    before = told(key)
    clock.now += 1
    progress.advance()

    assert (before, told(key)) == (None, Counts(2))


def test_time_limit_that_comes_while_the_cache_is_written_ends_the_work(monkeypatch):
    def end(*_, **__):
        raise SoftTimeLimitExceeded

    monkeypatch.setattr(type(cache._connections["default"]), "set", end)

    with pytest.raises(SoftTimeLimitExceeded):
        Progress(uuid4())


@pytest.mark.parametrize(
    ("done", "total", "has_ended", "percent"),
    [
        (3, None, False, None),
        (0, 0, False, 0),
        (0, 0, True, 100),
        (0, 3, False, 0),
        (2, 3, False, 66),
        (3, 3, False, 100),
        (4, 3, True, 100),
    ],
)
def test_percent(done, total, has_ended, percent):
    assert percent_of(done, total, has_ended=has_ended) == percent
