"""Connections to the database end before an effect, and when it is out."""

from contextlib import suppress

import pytest
from django.db import OperationalError, connection

from core.jobs.effects import once
from core.jobs.models import Effect
from tests.cuts import cut_all_connections, leave_idle_connections
from tests.lost_answers import lost_answers

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has no server"),
]


def cut_off() -> None:
    leave_idle_connections()
    with suppress(OperationalError):
        cut_all_connections()


def test_effect_is_marked_all_the_same() -> None:
    with once("a"):
        cut_off()

    with once("a") as is_first:
        assert not is_first


def test_effect_that_fails_by_it_may_be_tried_again_at_once() -> None:
    def fail() -> None:
        cut_off()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), once("a"):
        fail()

    assert not Effect.objects.exists()


def test_effect_that_is_claimed_without_knowing_happens() -> None:
    with lost_answers() as proxy:
        proxy.lose_answer("COMMIT")

        with once("a") as is_first:
            assert proxy.lost == ["COMMIT"]
            assert is_first

        with once("a") as is_first:
            assert not is_first


def test_effect_that_is_marked_without_knowing_does_not_happen_again() -> None:
    with lost_answers() as proxy:
        with once("a"):
            proxy.lose_answer("UPDATE")

        assert proxy.lost == ["UPDATE"]
        with once("a") as is_first:
            assert not is_first
