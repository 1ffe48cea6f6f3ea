"""Keys have names that people gave them, and know where they were used."""

from core.audit.trail import delete_and_forget
from core.personal import Person, describe, erases
from core.security.api_keys.models import ApiKey

describe(
    ApiKey,
    personal={"name": "removed with the key", "last_used_from": "removed with the key"},
    other=("scopes", "prefix", "hash"),
)


@erases
def erase(person: Person) -> None:
    delete_and_forget(ApiKey.objects.filter(user=person.id))
