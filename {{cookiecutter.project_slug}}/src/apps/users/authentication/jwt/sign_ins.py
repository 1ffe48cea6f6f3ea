"""The token families of the caller."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from apps.users.authentication.accounts.sign_ins import SignInListView, SignInsView, SignInView
from apps.users.authentication.jwt.services import (
    families_end,
    families_of,
    family_end,
)
from core.security.sign_ins.services import sessions_end


class OwnFamilies(SignInsView):
    """Sign-ins are token families."""

    def sign_ins(self) -> Iterable[Any]:
        return families_of(user_id=self.user.pk)

    def current(self) -> UUID | None:
        family_id: UUID = self.request.auth.family_id  # type: ignore[union-attr]
        return family_id

    def end(self, key: UUID) -> bool:
        return family_end(user_id=self.user.pk, family_id=key)

    def end_all(self) -> None:
        families_end(user_id=self.user.pk)
        # Those of the admin.
        sessions_end(user_id=self.user.pk)


class FamilyListView(OwnFamilies, SignInListView):
    """All token families of the caller."""


class FamilyView(OwnFamilies, SignInView):
    """One token family of the caller."""
