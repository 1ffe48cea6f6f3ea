"""Who may do what to which rows: one definition for querysets, for single rows and for views.

https://docs.djangoproject.com/en/stable/topics/db/queries/#complex-lookups-with-q-objects
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any, Protocol, TypeVar

from django.db.models import Model, Q, QuerySet

from core.errors import ForbiddenError

Row = TypeVar("Row", bound=Model)


class Rows(Protocol):
    """A part of a table. ``condition`` and ``has`` say the same, to the database and of one row."""

    def condition(self, user: Any) -> Q: ...

    def has(self, row: Any, user: Any) -> bool: ...


class Every:
    """All rows."""

    def condition(self, user: Any) -> Q:  # noqa: ARG002 (whoever asks)
        # Not ``Q()``, which is nothing to ``|``: what is joined with it would be left alone.
        return Q(pk__isnull=False)

    def has(self, row: Any, user: Any) -> bool:  # noqa: ARG002 (whoever asks, whatever it is)
        return True


@dataclass(frozen=True)
class Owned:
    """The rows whose foreign key ``by`` is who asks."""

    by: str

    def condition(self, user: Any) -> Q:
        return Q(**{self.by: user.pk})

    def has(self, row: Any, user: Any) -> bool:
        return bool(getattr(row, f"{self.by}_id") == user.pk)


@dataclass(frozen=True)
class Where:
    """The rows whose ``field`` is ``value``."""

    field: str
    value: Any

    def condition(self, user: Any) -> Q:  # noqa: ARG002 (whoever asks)
        return Q(**{self.field: self.value})

    def has(self, row: Any, user: Any) -> bool:  # noqa: ARG002 (whoever asks)
        return bool(getattr(row, self.field) == self.value)


EVERY = Every()


@dataclass(frozen=True)
class Rule:
    """Who may do one thing: for each role that may, to which rows. All others may not."""

    grants: Mapping[str, Rows]

    def is_for(self, user: Any) -> bool:
        """Tell whether ``user`` may do it at all: to some rows, if there are such."""
        return bool(self._rows_of(user))

    def allows(self, user: Any, row: Model) -> bool:
        """Tell whether ``user`` may do it to ``row``."""
        return any(rows.has(row, user) for rows in self._rows_of(user))

    def narrow(self, queryset: QuerySet[Row], user: Any) -> QuerySet[Row]:
        """Return those rows of ``queryset`` to which ``user`` may do it."""
        granted = self._rows_of(user)
        if EVERY in granted:
            return queryset
        if not granted:
            return queryset.none()
        return queryset.filter(reduce(or_, (rows.condition(user) for rows in granted)))

    def require(self, user: Any, row: Model | None = None) -> None:
        """Refuse who may not do it to ``row``; without one, who may not do it at all.

        Raises:
            ForbiddenError: if ``user`` may not.
        """
        if not (self.is_for(user) if row is None else self.allows(user, row)):
            raise ForbiddenError("None of your roles may do that.")

    def _rows_of(self, user: Any) -> list[Rows]:
        return [self.grants[role] for role in roles_of(user) if role in self.grants]


def roles_of(user: Any) -> frozenset[str]:
    """Return the roles by which ``user`` acts: its ``acting_roles``; none of who has not signed in."""
    return getattr(user, "acting_roles", frozenset())
