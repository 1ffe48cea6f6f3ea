"""Whose second factor it is, and the key of it."""

from core.audit.trail import delete_and_forget
from core.personal import Person, describe, erases
from core.security.models import TOTPDevice

REMOVED = "removed with the device"

describe(TOTPDevice, personal={"key": REMOVED, "name": REMOVED})


@erases
def erase(person: Person) -> None:
    delete_and_forget(TOTPDevice.objects.filter(user=person.id))
