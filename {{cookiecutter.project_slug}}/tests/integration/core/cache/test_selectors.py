"""Results are kept, forgotten after a commit, and made by one caller at a time."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction

from core.cache import selectors
from core.cache.selectors import CachedSelector, cached

DEADLINE_SECONDS = 30
# Nothing listens on port 1.
AWAY = {
    "default": {
        "BACKEND": "core.cache.redis.RedisCache",
        "LOCATION": "redis://127.0.0.1:1/0",
    }
}


class Source:
    """What a selector reads: ``value``, however often it is asked."""

    def __init__(self) -> None:
        self.value: Any = 1
        self.reads = 0
        self.during: Callable[[], Any] = lambda: None

    def read(self, **_: Any) -> Any:
        self.reads += 1
        value = self.value
        self.during()
        return value


@pytest.fixture
def source() -> Source:
    cache.clear()
    return Source()


@pytest.fixture
def take_away(settings: Any) -> Callable[[], None]:
    """Return what takes the cache away, for good."""

    def take_away() -> None:
        disconnect()
        settings.CACHES = AWAY

    return take_away


def disconnect() -> None:
    """Close the connections of this thread to the cache; one in process memory has none."""
    for pool in getattr(cache._cache, "_pools", {}).values():
        pool.disconnect()


class Threads(ThreadPoolExecutor):
    """Runs callers in threads of their own, each with a cache of its own."""

    def submit(self, call: Callable[[], Any]) -> Future[Any]:
        def run() -> Any:
            try:
                return call()
            finally:
                disconnect()

        return super().submit(run)


def selector_of(source: Source, seconds: int = 100) -> CachedSelector[Any, Any]:
    return cached(seconds=seconds)(source.read)


@contextmanager
def while_it_is_made(source: Source, selector: CachedSelector[Any, Any]) -> Iterator[list[Any]]:
    """Run the block while another caller makes the value, and return what that one gets."""
    is_there, go_on, results = Event(), Event(), []

    def stand_still() -> None:
        source.during = lambda: None
        is_there.set()
        assert go_on.wait(DEADLINE_SECONDS)

    source.during = stand_still
    with Threads(1) as threads:
        made = threads.submit(selector)
        try:
            assert is_there.wait(DEADLINE_SECONDS)
            yield results
        finally:
            go_on.set()
        results.append(made.result(DEADLINE_SECONDS))


@pytest.mark.parametrize("value", [1, None, {"cups": [1, 2]}, ""])
def test_result_is_kept(source, value):
    source.value = value
    selector = selector_of(source)

    assert [selector(), selector()] == [value, value]
    assert source.reads == 1


def test_results_are_kept_for_each_arguments(source):
    selector = selector_of(source)

    for arguments in ({"id": 1}, {"id": "1"}, {"id": 2}, {"id": 1}):
        selector(**arguments)

    assert source.reads == 3


def test_result_of_another_release_is_not_used(source, settings):
    selector = selector_of(source)
    selector()
    settings.RELEASE = "next"

    selector()

    assert source.reads == 2


def test_selector_keeps_its_name_and_text():
    @cached(seconds=1)
    def cup_count() -> int:
        """Return how many cups there are."""
        return 1

    assert cup_count.__name__ == "cup_count"
    assert cup_count.__doc__ == "Return how many cups there are."


# Invalidation


@pytest.mark.django_db(transaction=True)
def test_results_are_forgotten_at_once_without_a_transaction(source):
    selector = selector_of(source)
    selector(), selector(id=1)
    source.value = 2

    selector.invalidate()

    assert (selector(), selector(id=1)) == (2, 2)


@pytest.mark.django_db(transaction=True)
def test_results_are_forgotten_after_the_commit_and_not_before(source):
    selector = selector_of(source)
    selector()
    seen_by_others = []
    with Threads(1) as threads:
        with transaction.atomic():
            selector.invalidate()
            source.value = 2
            seen_by_others.append(threads.submit(selector).result(DEADLINE_SECONDS))
        seen_by_others.append(threads.submit(selector).result(DEADLINE_SECONDS))

    assert seen_by_others == [1, 2]


@pytest.mark.django_db(transaction=True)
def test_results_stay_when_the_transaction_is_rolled_back(source):
    selector = selector_of(source)
    selector()

    with transaction.atomic():
        selector.invalidate()
        transaction.set_rollback(True)

    selector()
    assert source.reads == 1


@pytest.mark.django_db
def test_results_are_forgotten_once_for_all_changes(source, django_capture_on_commit_callbacks):
    selector = selector_of(source)

    with django_capture_on_commit_callbacks() as callbacks:
        for _ in range(3):
            selector.invalidate()

    assert len(callbacks) == 1


@pytest.mark.django_db(transaction=True)
def test_transaction_reads_for_itself_and_keeps_nothing(source):
    selector = selector_of(source)
    with transaction.atomic():
        source.value = 2  # Which may be rolled back.
        assert selector() == 2
    source.value = 1

    assert selector() == 1


@pytest.mark.django_db(transaction=True)
def test_value_that_was_read_before_a_change_is_not_kept_after_it(source):
    selector = selector_of(source)

    with while_it_is_made(source, selector) as results:
        source.value = 2
        selector.invalidate()

    assert results == [1]
    assert selector() == 2


# Many callers


def test_value_is_made_by_one_of_many_callers(source):
    selector, count = selector_of(source), 6

    with Threads(count) as threads:
        with while_it_is_made(source, selector):
            others = [threads.submit(selector) for _ in range(count)]
        results = [other.result(DEADLINE_SECONDS) for other in others]

    assert results == [1] * count
    assert source.reads == 1


def test_value_that_another_caller_has_made_in_the_meantime_is_used(source):
    class Overtaken(CachedSelector[Any, Any]):
        overtake = True

        def _find(self, key: str) -> Any:
            found = super()._find(key)
            if self.overtake:
                self.overtake = False
                assert self() == 1  # By another caller, who is faster.
            return found

    selector = Overtaken(source.read, seconds=100)

    assert selector() == 1
    assert source.reads == 1


def test_others_get_the_old_value_while_one_makes_the_new(source):
    selector = selector_of(source, seconds=0)
    selector()
    source.value = 2

    with while_it_is_made(source, selector) as results:
        others = [selector() for _ in range(3)]

    assert (others, results) == ([1, 1, 1], [2])
    assert source.reads == 2


def test_caller_that_has_waited_long_enough_makes_the_value_itself(source, monkeypatch):
    monkeypatch.setattr(selectors, "WAIT_SECONDS", 0.05)
    selector = selector_of(source)

    with while_it_is_made(source, selector):
        assert selector() == 1

    assert source.reads == 2


def test_failure_is_kept_by_nobody(source):
    selector = selector_of(source)

    def fail() -> None:
        source.during = lambda: None
        raise ZeroDivisionError

    source.during = fail
    with pytest.raises(ZeroDivisionError):
        selector()

    assert selector() == 1
    assert source.reads == 2


def test_caller_that_waits_takes_the_place_of_one_that_failed(source, monkeypatch):
    monkeypatch.setattr(selectors, "WAIT_SECONDS", DEADLINE_SECONDS)
    selector = selector_of(source)
    is_there, go_on = Event(), Event()

    def fail() -> None:
        source.during = lambda: None
        is_there.set()
        assert go_on.wait(DEADLINE_SECONDS)
        raise ZeroDivisionError

    source.during = fail
    with Threads(2) as threads:
        failing = threads.submit(selector)
        assert is_there.wait(DEADLINE_SECONDS)
        waiting = threads.submit(selector)
        go_on.set()
        with pytest.raises(ZeroDivisionError):
            failing.result(DEADLINE_SECONDS)
        assert waiting.result(DEADLINE_SECONDS) == 1

    assert source.reads == 2


# Without a cache


def test_cache_that_is_away_fails_nobody(source, take_away, caplog):
    take_away()
    selector = selector_of(source)

    assert (selector(), selector()) == (1, 1)
    assert source.reads == 2
    assert "is away: ConnectionError" in caplog.text


def test_cache_that_goes_away_meanwhile_fails_nobody(source, take_away, caplog):
    source.during = take_away

    assert selector_of(source)() == 1
    assert "is away: ConnectionError" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_change_while_the_cache_is_away_fails_nobody(source, take_away, caplog):
    take_away()
    selector = selector_of(source)

    with transaction.atomic():
        selector.invalidate()

    assert "_end_generation" in caplog.text
