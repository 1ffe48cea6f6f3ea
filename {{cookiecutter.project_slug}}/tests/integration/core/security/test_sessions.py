"""A session ends after a while without a request, and after a longer while in any case."""

import pytest
from django.contrib.auth import SESSION_KEY
from django.test import Client
from django.urls import reverse

from core.security import sessions
from core.security.sessions import BEGAN, SEEN
from core.security.sign_ins.models import UserSession
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db

START = 1_800_000_000.0
MINUTE = 60
HOUR = 60 * MINUTE


class Clock:
    """Stands still until it is moved."""

    now = START

    def time(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch, settings) -> Clock:
    settings.SESSION_IDLE_SECONDS = HOUR
    settings.SESSION_COOKIE_AGE = 12 * HOUR
    clock = Clock()
    monkeypatch.setattr(sessions, "time", clock)
    return clock


@pytest.fixture
def visitor(clock: Clock) -> Client:
    client = Client()
    client.force_login(UserFactory(is_staff=True))
    return client


def is_signed_in(visitor: Client) -> bool:
    return visitor.get(reverse("admin:index")).status_code == 200


def test_session_ends_after_the_idle_time(visitor, clock):
    clock.now += HOUR

    assert not is_signed_in(visitor)
    assert not UserSession.objects.exists()


def test_session_goes_on_with_each_request(visitor, clock):
    for _ in range(5):
        clock.now += HOUR - 1
        assert is_signed_in(visitor)


def test_session_ends_at_last_however_busy_it_is(visitor, clock):
    for _ in range(23):
        clock.now += HOUR / 2
        assert is_signed_in(visitor)
    clock.now += HOUR / 2

    assert not is_signed_in(visitor)


def test_session_is_not_written_with_each_request(visitor, clock):
    is_signed_in(visitor)
    clock.now += 6 * MINUTE - 1
    is_signed_in(visitor)
    assert visitor.session[SEEN] == START
    clock.now += 1

    is_signed_in(visitor)

    assert visitor.session[SEEN] == START + 6 * MINUTE


def test_who_signs_in_again_has_all_the_time_again(visitor, clock):
    user = UserFactory(is_staff=True)
    visitor.force_login(user)
    clock.now += HOUR / 2
    visitor.force_login(user)

    assert visitor.session[BEGAN] == clock.now


def test_session_from_before_this_rule_begins_with_the_next_request(visitor, clock):
    session = visitor.session
    del session[BEGAN], session[SEEN]
    session.save()
    clock.now += HOUR

    assert is_signed_in(visitor)
    assert visitor.session[BEGAN] == clock.now


def test_session_of_nobody_is_left_alone(clock):
    client = Client()
    session = client.session
    session["language"] = "en"
    session.save()
    clock.now += 13 * HOUR

    client.get(reverse("admin:login"))

    assert SESSION_KEY not in client.session
    assert client.session["language"] == "en"
