"""Whose second factor it is, and the key of it."""

from django_otp.plugins.otp_totp.models import TOTPDevice

from core.audit.trail import delete_and_forget
from core.personal import Person, describe, erases

REMOVED = "removed with the device"

describe(TOTPDevice, personal={"key": REMOVED, "name": REMOVED})


@erases
def erase(person: Person) -> None:
    delete_and_forget(TOTPDevice.objects.filter(user=person.id))
