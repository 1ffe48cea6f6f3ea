"""Messages that nobody could handle hold what they were sent with."""

import json

from core.dead_letters.models import DeadLetter, Redelivery
from core.identity.headers import REMOTE_ADDRESS_HEADER
from core.personal import Person, describe, erases, holding

REMOVED = "removed with the letter, if that holds the address, or is about the account"

describe(
    DeadLetter,
    personal={
        "args": REMOVED,
        "kwargs": REMOVED,
        "headers": "the same; of what else the person caused, its IP address goes",
        "body": REMOVED,
        "message": REMOVED,
        "trace": REMOVED,
    },
    other=("key", "task", "task_id", "root_id", "queue", "error"),
)
describe(Redelivery, other=("task_id",))


@erases
def erase(person: Person) -> None:
    about = holding(person.email, "args", "kwargs", "headers", "body", "message", "trace")
    DeadLetter.objects.filter(about | holding(person.id, "args", "kwargs", "body")).delete()
    caused = list(DeadLetter.objects.filter(holding(person.id, "headers")))
    for letter in caused:
        headers = json.loads(letter.headers)
        headers.pop(REMOTE_ADDRESS_HEADER, None)
        letter.headers = json.dumps(headers)
    DeadLetter.objects.bulk_update(caused, ["headers"], batch_size=500)
