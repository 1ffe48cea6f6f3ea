"""What is kept of people's requests: the answers."""

from core.idempotency.models import IdempotencyKey
from core.personal import Person, describe, erases

describe(
    IdempotencyKey,
    personal={"body": "removed with the key", "headers": "removed with the key"},
    other=("digest", "fingerprint"),
)


@erases
def erase(person: Person) -> None:
    IdempotencyKey.objects.filter(user=person.id).delete()
