"""Sign-ins know where they came from."""

from apps.users.authentication.jwt.models import TokenFamily
from core.personal import Person, describe, erases

REMOVED = "removed with the sign-in"

describe(TokenFamily, personal={"network": REMOVED, "user_agent": REMOVED}, other=("current",))


@erases
def erase(person: Person) -> None:
    """Without its family no token is good."""
    TokenFamily.objects.filter(user=person.id).delete()
