"""Events name people by the keys of their accounts. Why a handler failed may say more."""

from core.events.models import InboxEntry, OutboxEvent
from core.personal import Person, describe, erases, holding

describe(OutboxEvent, other=("name", "payload", "aggregate", "subscribers"))
describe(
    InboxEntry,
    personal={"error": "emptied, where it holds the address"},
    other=("subscriber",),
)


@erases
def erase(person: Person) -> None:
    InboxEntry.objects.filter(holding(person.email, "error")).update(error="")
