"""The sessions of the caller."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib.auth import logout, update_session_auth_hash

from apps.users.authentication.accounts.erasure import OwnAccountView
from apps.users.authentication.accounts.sign_ins import SignInListView, SignInsView, SignInView
from apps.users.authentication.accounts.views import PasswordChangeView
from core.security.sign_ins.backend import handle_of
from core.security.sign_ins.services import session_end, sessions_end, sessions_of


class OwnSessions(SignInsView):
    """Sign-ins are sessions."""

    def sign_ins(self) -> Iterable[Any]:
        return sessions_of(user_id=self.user.pk)

    def current(self) -> UUID | None:
        key = self.request.session.session_key
        return handle_of(key) if key else None

    def end(self, key: UUID) -> bool:
        if key == self.current():
            logout(self.request)
            return True
        return session_end(user_id=self.user.pk, handle=key)

    def end_all(self) -> None:
        sessions_end(user_id=self.user.pk)
        # Else the middleware would try to save what is gone.
        logout(self.request)


class SessionListView(OwnSessions, SignInListView):
    """All sessions of the caller."""


class SessionView(OwnSessions, SignInView):
    """One session of the caller."""


class SessionPasswordChangeView(PasswordChangeView):
    """Replaces the password of the caller, who stays signed in."""

    def stay_signed_in(self) -> None:
        # With another key: https://docs.djangoproject.com/en/stable/topics/auth/default/#session-invalidation-on-password-change
        update_session_auth_hash(self.request, self.user)


class SessionOwnAccountView(OwnAccountView):
    """The account of the caller."""

    def sign_out(self) -> None:
        # Else the middleware would try to save what is gone.
        logout(self.request)
