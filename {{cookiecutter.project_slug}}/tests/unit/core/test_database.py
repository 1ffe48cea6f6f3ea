"""What must be written is tried again while the database is away."""

import pytest
from django.db import DataError, InterfaceError, OperationalError

from core.database import connections
from core.database.connections import insist


class Write:
    """Raises ``errors``, one at each call, and then returns the number of the call."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.calls = 0

    def __call__(self) -> int:
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)
        return self.calls


@pytest.fixture(autouse=True)
def renewals(monkeypatch) -> list[float]:
    """Return the pauses, and with each that connections were renewed; nothing waits."""
    renewed: list[float] = []
    clock = [0.0]

    def sleep(seconds: float) -> None:
        clock[0] += seconds

    monkeypatch.setattr(connections, "renew_connections", lambda: renewed.append(clock[0]))
    monkeypatch.setattr(connections.time, "sleep", sleep)
    monkeypatch.setattr(connections.time, "monotonic", lambda: clock[0])
    return renewed


def test_write_that_works_is_called_once(renewals):
    assert insist(Write(), seconds=10) == 1
    assert renewals == []


def test_write_is_called_again_over_other_connections_after_longer_and_longer(renewals):
    assert insist(Write(*[OperationalError(), InterfaceError()] * 2), seconds=10) == 5
    assert renewals == pytest.approx([0, 0.05, 0.15, 0.35])


def test_write_is_called_once_more_where_there_is_no_time():
    assert insist(Write(OperationalError()), seconds=0) == 2


def test_last_error_is_raised_when_time_is_over(renewals):
    write = Write(*[OperationalError(str(number)) for number in range(100)])

    with pytest.raises(OperationalError, match="6"):
        insist(write, seconds=2)

    assert renewals[-1] < 2


def test_write_that_is_wrong_is_not_called_again():
    write = Write(DataError())

    with pytest.raises(DataError):
        insist(write, seconds=10)

    assert write.calls == 1
