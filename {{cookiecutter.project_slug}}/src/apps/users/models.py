"""Accounts: the e-mail address is the login, groups are the roles."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser, BaseUserManager, Group
from django.db import models
from django.db.models.functions import Lower

from apps.users.roles import Role
from core.audit.registry import audited
from core.records.models import Record
from core.records.versions import VersionedQuerySet, VersionedRecord

# Of an account that is erased, by its key. No mail gets there (RFC 2606), and no form takes it.
ERASED_ADDRESS = "erased-{}@invalid"


class UserManager(BaseUserManager["User"]):
    """Makes accounts with hashed passwords and addresses in lower case."""

    def get_queryset(self) -> models.QuerySet["User"]:
        return VersionedQuerySet(self.model, using=self._db)

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create an account. Without a password nobody can sign in with one."""
        user = self.model(email=email, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create an account that may do everything, the admin site included."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    @classmethod
    def normalize_email(cls, email: str | None) -> str:
        """Return ``email`` as accounts keep it. Django's own leaves the part before the @ alone."""
        return (email or "").strip().lower()

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=self.normalize_email(username))


@audited(ignored=["last_login"], masked=["password"], many_to_many=["groups", "user_permissions"])
class User(VersionedRecord, AbstractUser):
    """An account. Addresses are kept in lower case, so that one person has one account."""

    username = None  # type: ignore[assignment]
    email = models.EmailField(
        "e-mail address",
        unique=True,
        error_messages={"unique": "An account with this address exists."},
    )

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects: ClassVar[UserManager] = UserManager()  # type: ignore[assignment]

    class Meta:
        ordering = ("-id",)
        constraints = (
            # What bulk operations write passes no ``save``.
            models.CheckConstraint(
                name="users_user_email_lower_case",
                condition=models.Q(email=Lower("email")),
            ),
        )

    def save(self, *, update_fields: Iterable[str] | None = None, **options: Any) -> None:
        self.email = type(self).objects.normalize_email(self.email)
        if update_fields is not None and set(update_fields) == {"last_login"}:
            # Signing in does not change an account: its stamps and version stay.
            super(Record, self).save(update_fields=update_fields, **options)
            return
        super().save(update_fields=update_fields, **options)

    @property
    def is_erased(self) -> bool:
        """Whether the account is all that is left of a person: see ``services.account_erase``."""
        return self.email == ERASED_ADDRESS.format(self.pk)

    @property
    def roles(self) -> list[Role]:
        """The user's roles, in the order of their names. Groups that are no role do not count."""
        # Asked for once: Django forgets what was prefetched when groups are given or taken.
        models.prefetch_related_objects([self], "groups")
        names = sorted(group.name for group in self.groups.all())
        return [Role(name) for name in names if name in Role.values]

    @property
    def acting_roles(self) -> frozenset[Role]:
        """The roles that count: none of an inactive user; a superuser has that of an admin."""
        if not self.is_active:
            return frozenset()
        return frozenset([Role.ADMIN] if self.is_superuser else self.roles)


# What the roles may do. Django's own model, so it is not decorated.
audited(many_to_many=["permissions"])(Group)
