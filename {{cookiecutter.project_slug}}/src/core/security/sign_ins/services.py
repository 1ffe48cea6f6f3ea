"""The sessions of a user: to look at, and to end."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.utils import timezone

from core.security.sessions import BEGAN, SEEN
from core.security.sign_ins.models import UserSession
from core.security.sign_ins.receivers import NETWORK, USER_AGENT

# The latest ones are listed. Who has more ends all of them.
LISTED_MAXIMUM = 100


@dataclass(frozen=True, kw_only=True)
class SignIn:
    """A sign-in that has not ended, as its user sees it.

    ``network`` is the address without its last part, and ``user_agent`` what the program said of
    itself when it signed in; each may be empty.
    """

    id: UUID
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    network: str
    user_agent: str


def sessions_of(*, user_id: UUID) -> list[SignIn]:
    """Return the sessions of a user that have not ended, the latest first, with one query."""
    running = UserSession.objects.filter(user=user_id, expire_date__gt=timezone.now())
    found = [as_sign_in(session) for session in running.order_by("-expire_date")[:LISTED_MAXIMUM]]
    return sorted(found, key=lambda sign_in: sign_in.created_at, reverse=True)


def session_end(*, user_id: UUID, handle: UUID) -> bool:
    """End a session of a user at once, and tell whether there was such a one."""
    deleted, _ = UserSession.objects.filter(user=user_id, handle=handle).delete()
    return bool(deleted)


def sessions_end(*, user_id: UUID) -> None:
    """End all sessions of a user at once."""
    UserSession.objects.filter(user=user_id).delete()


def as_sign_in(session: UserSession) -> SignIn:
    data = session.get_decoded()
    # What is older than these notes has none of them.
    began = data.get(BEGAN, 0.0)
    return SignIn(
        id=session.handle,
        created_at=datetime.fromtimestamp(began, UTC),
        seen_at=datetime.fromtimestamp(data.get(SEEN, began), UTC),
        expires_at=session.expire_date,
        network=data.get(NETWORK, ""),
        user_agent=data.get(USER_AGENT, ""),
    )
