"""Who asks too often waits as long as the answer says, and no process lets in more than all may."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from math import ceil
from typing import ClassVar
from uuid import uuid4

import pytest
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.request import Request
from rest_framework.views import APIView

from apps.users.models import User
from core.api.throttles import AnonThrottle, RateLimit, UserThrottle, WindowThrottle

# The beginning of a window of a minute, and of an hour.
START = 1_800_000_000.0


class Clock:
    """Stands still until it is moved."""

    now = START


class Throttle(WindowThrottle):
    scope = "test"
    rate = "5/minute"
    caller: ClassVar[str] = ""

    def timer(self) -> float:  # type: ignore[override]
        return Clock.now

    def get_cache_key(self, request: Request, view: APIView) -> str:
        return f"throttle.{self.caller}"


@pytest.fixture(autouse=True)
def _caller() -> Iterator[None]:
    begin()
    yield
    Clock.now = START


def begin() -> None:
    """Be another caller, at the start of a window."""
    Throttle.caller = str(uuid4())
    Clock.now = START


def ask() -> tuple[bool, Throttle, RateLimit]:
    throttle = Throttle()
    request = Request(RequestFactory().get("/"))
    is_allowed = throttle.allow_request(request, APIView())
    [limit] = vars(request._request)["rate_limits"]
    return is_allowed, throttle, limit


def test_requests_of_the_rate_are_let_in_and_the_next_is_not():
    assert [ask()[0] for _ in range(6)] == [True] * 5 + [False]


def test_request_that_is_refused_does_not_count():
    for _ in range(20):
        ask()

    assert ask()[1].current == 5


def test_last_window_counts_for_the_share_that_is_still_covered():
    for _ in range(5):
        ask()
    Clock.now += 60 + 30  # Half of the last window is covered: two and a half requests.

    assert [ask()[0] for _ in range(3)] == [True, True, False]


def test_throttle_forgets_after_two_windows():
    for _ in range(5):
        ask()
    Clock.now += 120

    assert [ask()[0] for _ in range(5)] == [True] * 5


@given(st.lists(st.integers(0, 60), max_size=60))
def test_who_waits_as_long_as_is_said_is_let_in(pauses: list[int]):
    begin()
    for pause in pauses:
        Clock.now += pause / 7
        is_allowed, throttle, _ = ask()
        if not is_allowed:
            Clock.now += ceil(throttle.wait())
            assert ask()[0]


def test_limit_tells_what_is_left_and_when_the_window_ends():
    Clock.now += 15.5

    ask()
    _, _, limit = ask()

    assert limit == RateLimit(policy="test", limit=5, window=60, remaining=3, reset=45)


def test_requests_at_once_are_counted_one_by_one():
    with ThreadPoolExecutor(10) as threads:
        allowed = [is_allowed for is_allowed, *_ in threads.map(lambda _: ask(), range(40))]

    assert sum(allowed) == 5


@pytest.mark.django_db
def test_answer_tells_what_is_left(client, monkeypatch):
    monkeypatch.setattr(AnonThrottle, "THROTTLE_RATES", {"anon": "7/hour"})
    monkeypatch.setattr(AnonThrottle, "get_cache_key", lambda *_: f"throttle.{Throttle.caller}")

    response = client.get("/api/v1/users/me/")

    assert response.status_code == 401
    assert "RateLimit" not in response  # Who is not known is refused before it is counted.

    response = client.get("/api/schema/")

    assert response["RateLimit-Policy"] == '"anon";q=7;w=3600'
    assert response["RateLimit"].startswith('"anon";r=6;t=')


def test_who_has_signed_in_has_one_limit_and_others_another():
    request = Request(RequestFactory().get("/"))
    user = User(pk=uuid4())

    keys = [kind().get_cache_key(request, APIView()) for kind in (AnonThrottle, UserThrottle)]
    request.user = user
    keys += [kind().get_cache_key(request, APIView()) for kind in (AnonThrottle, UserThrottle)]

    assert keys == ["throttle_anon_127.0.0.1", None, None, f"throttle_user_{user.pk}"]
