"""Tasks take what is small and JSON."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.utils.translation import gettext_lazy
from pytest_django import Settings

from apps.users.models import User
from core.jobs.arguments import check_arguments
from core.jobs.queues import Queue


@pytest.mark.parametrize(
    "value", ["text", 1, 1.5, True, None, [1, ["a"]], ("a", "b"), {"a": {"b": None}}, Queue.BULK]
)
def test_json_is_taken(value: Any) -> None:
    check_arguments("a.task", [value], {"name": value})
    check_arguments("a.task", None, None)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (uuid4(), "uuid.UUID"),
        (datetime.now(UTC), "datetime.datetime"),
        (Decimal(1), "decimal.Decimal"),
        (b"bytes", "builtins.bytes"),
        ({1}, "builtins.set"),
        (User(), "apps.users.models.User"),
    ],
)
def test_what_is_no_json_is_refused_and_named(value: Any, kind: str) -> None:
    message = f"Task a.task was given a {kind}, which is no JSON"
    for args, kwargs in (([value], None), (None, {"name": value}), ([{"deep": [value]}], {})):
        with pytest.raises(TypeError, match=message):
            check_arguments("a.task", args, kwargs)


def test_text_that_is_not_translated_yet_is_refused() -> None:
    with pytest.raises(TypeError, match="which is no JSON"):
        check_arguments("a.task", [gettext_lazy("Yes")], None)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_number_that_json_does_not_have_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        check_arguments("a.task", [value], None)


def test_as_many_bytes_as_allowed_are_taken_and_one_more_is_refused(settings: Settings) -> None:
    settings.TASK_ARGUMENTS_MAX_BYTES = 100
    around = len('[[""], {}]')

    check_arguments("a.task", ["x" * (100 - around)], None)
    with pytest.raises(ValueError, match="given 101 bytes of arguments, more than 100"):
        check_arguments("a.task", ["x" * (101 - around)], None)


def test_id_as_text_is_taken() -> None:
    check_arguments("a.task", [str(UUID(int=1))], None)
