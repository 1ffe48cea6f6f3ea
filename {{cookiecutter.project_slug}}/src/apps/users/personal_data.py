"""What accounts have of people. ``services.account_erase`` itself empties the account."""

from apps.users.models import User
from core.audit.trail import forget_values
from core.personal import Person, describe, erases

# A name of its own, lest scanners take the text for a password.
UNUSABLE = "made unusable"

describe(
    User,
    personal={
        "email": "another in its place, which nobody can have",
        "first_name": "emptied",
        "last_name": "emptied",
        "password": UNUSABLE,
        "last_login": "emptied",
    },
)


@erases
def erase(person: Person) -> None:
    forget_values(User, [person.id])
