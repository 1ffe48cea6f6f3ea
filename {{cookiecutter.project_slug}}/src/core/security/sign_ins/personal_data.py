"""Sessions know where their users signed in."""

from core.personal import Person, describe, erases
from core.security.sign_ins.models import UserSession
from core.security.sign_ins.services import sessions_end

REMOVED = "removed with the session"

describe(UserSession, personal={"session_key": REMOVED, "session_data": REMOVED})


@erases
def erase(person: Person) -> None:
    sessions_end(user_id=person.id)
