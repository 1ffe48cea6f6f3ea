"""A rule says the same of a queryset and of a single row, for whatever roles somebody has."""

from itertools import combinations
from types import SimpleNamespace
from typing import Any

import pytest

from core.errors import ForbiddenError
from core.progress.models import TaskRun
from core.rules import EVERY, Owned, Rule, Where
from tests.factories.users import UserFactory

RULE = Rule({"owner": Owned("created_by"), "counter": Where("name", "count"), "reader": EVERY})
ROLES = ("owner", "counter", "reader", "stranger")
SETS = [roles for size in range(len(ROLES) + 1) for roles in combinations(ROLES, size)]


def acting(user: Any, *roles: str) -> Any:
    return SimpleNamespace(pk=user.pk, acting_roles=frozenset(roles))


@pytest.mark.django_db
def test_queryset_and_row_agree_for_every_set_of_roles() -> None:
    user, other = UserFactory(), UserFactory()
    rows = [
        TaskRun.objects.create(name=name, created_by=owner)
        for name in ("count", "wait")
        for owner in (user, other, None)
    ]
    found = {}

    for roles in SETS:
        caller = acting(user, *roles)
        narrowed = set(RULE.narrow(TaskRun.objects.all(), caller))
        assert narrowed == {row for row in rows if RULE.allows(caller, row)}, roles
        assert RULE.is_for(caller) == bool(set(roles) - {"stranger"})
        found[roles] = len(narrowed)

    assert (found[()], found["stranger",], found["owner",]) == (0, 0, 2)
    assert (found["counter",], found["owner", "counter"], found["counter", "reader"]) == (3, 4, 6)


@pytest.mark.django_db
def test_who_has_not_signed_in_may_nothing(django_assert_num_queries: Any) -> None:
    nobody = SimpleNamespace(pk=None)

    with django_assert_num_queries(0):
        assert not list(RULE.narrow(TaskRun.objects.all(), nobody))
    assert not RULE.allows(nobody, TaskRun(name="count", created_by=None))


def test_require_names_no_row() -> None:
    user = SimpleNamespace(pk=1)

    with pytest.raises(ForbiddenError, match="None of your roles may do that"):
        RULE.require(user)
    with pytest.raises(ForbiddenError, match="None of your roles may do that"):
        RULE.require(acting(user, "counter"), TaskRun(name="wait"))
    RULE.require(acting(user, "counter"), TaskRun(name="count"))
