"""``manage.py rotate_field_encryption``: the first of FIELD_ENCRYPTION_KEYS encrypts all there is."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.encryption.rotation import encrypted_fields, rotate


class Command(BaseCommand):
    """Ends with 0 when the first key opens all, with 1 when something opens with none."""

    help = (
        "Have the first of FIELD_ENCRYPTION_KEYS encrypt what the others have encrypted. "
        "May run while the service does, be stopped at any time, and run again."
    )

    def handle(self, *_: Any, **__: Any) -> None:
        lost = 0
        for field in encrypted_fields():
            name, outcome = f"{field.model._meta.label}.{field.name}", rotate(field)
            for key, reason in outcome.lost.items():
                self.stderr.write(f"{field.model._meta.label} {key}: {reason}")
            lost += len(outcome.lost)
            self.stdout.write(
                f"{name}: {outcome.renewed} encrypted anew, {outcome.current} had the first key, "
                f"{len(outcome.lost)} lost"
            )
        if lost:
            raise CommandError(f"{lost} values open with no key of FIELD_ENCRYPTION_KEYS.")
