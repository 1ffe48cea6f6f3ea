"""A field whose text is encrypted in the database: https://docs.djangoproject.com/en/stable/howto/custom-model-fields/"""

from typing import Any

from django.conf import settings
from django.core import checks
from django.core.exceptions import FieldError
from django.db import models

from core.encryption.keys import KeyRing, key_ring


def ring() -> KeyRing:
    """Return the keys of ``FIELD_ENCRYPTION_KEYS``.

    Raises:
        KeyFaultError: when one of them cannot be used.
    """
    return key_ring(tuple(settings.FIELD_ENCRYPTION_KEYS))


class EncryptedTextField(models.TextField):  # type: ignore[type-arg]  # Generic for mypy only.
    """Text that only who has the key can read: a dump of the database or a replica tells nothing.

    Python has a string, or ``None`` where the column has none; the column has another value with each
    write. So nothing can be looked up, but for ``isnull``, and nothing can be unique. Order and functions
    of the database see what is encrypted. A value opens in its own column only, whatever its row is.
    ``max_length`` counts the characters of the text; forms and serializers check it, the column is without
    end. ``dumpdata`` writes what it reads: plain text.

    A value that does not open raises ``core.encryption.keys.DecryptionError`` wherever its row is read.
    """

    description = "Encrypted text"

    def __init__(self, *args: Any, bound_to: str = "", **options: Any) -> None:
        """Take what ``TextField`` takes.

        Args:
            bound_to: the ``app_label.model.field`` that it was made as, once one of them has another name.
        """
        self.former = bound_to
        super().__init__(*args, **options)

    @property
    def bound_to(self) -> str:
        return self.former or f"{self.model._meta.label_lower}.{self.name}"

    def deconstruct(self) -> Any:
        name, path, args, options = super().deconstruct()
        if self.former:
            options["bound_to"] = self.former
        return name, path, args, options

    def check(self, **options: Any) -> list[checks.CheckMessage]:
        found = super().check(**options)
        has_default = self.db_default is not models.NOT_PROVIDED
        if self.unique or getattr(self, "db_index", False) or has_default:
            found.append(
                checks.Error(
                    "What is encrypted has another value with each write, made in Python.",
                    hint="Leave out unique, db_index and db_default.",
                    obj=self,
                    id="encryption.E001",
                )
            )
        return found

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name != "isnull":
            raise FieldError(
                f"{self.model._meta.label}.{self.name} is encrypted: it can be looked up with isnull only, "
                f"not with {lookup_name}."
            )
        return super().get_lookup(lookup_name)

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        prepared = super().get_db_prep_save(value, connection)
        # An expression, as of another column, is written as it is.
        if not isinstance(prepared, str):
            return prepared
        return ring().encrypt(prepared, bound_to=self.bound_to)

    def from_db_value(self, value: str | None, *_: Any) -> str | None:
        return None if value is None else ring().decrypt(value, bound_to=self.bound_to)
