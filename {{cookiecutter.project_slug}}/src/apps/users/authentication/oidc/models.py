"""Who an account is at the issuer."""

import hashlib

from django.conf import settings
from django.db import models

from core.audit.registry import audited
from core.records.models import Record


@audited(ignored=["roles_digest", "roles_issued_at"])
class ExternalIdentity(Record):
    """Ties an account to a subject of an issuer: one subject is one account, and the reverse.

    The two names are in ``digest`` because some databases compare texts without case, and a subject
    that differs in case is another person (OpenID Connect Core, section 2, ``sub``).

    ``roles_digest`` stands for the roles that the issuer last gave, empty if it gave none yet, and
    ``roles_issued_at`` is when it issued the token that said so, in seconds since 1970.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="external_identities",
    )
    issuer = models.CharField(max_length=255)
    subject = models.TextField()
    digest = models.CharField(max_length=64, unique=True, editable=False)
    # The database knows the defaults too, for the release before, which writes rows without them.
    roles_digest = models.CharField(
        max_length=64, blank=True, default="", db_default="", editable=False
    )
    roles_issued_at = models.BigIntegerField(default=0, db_default=0, editable=False)

    class Meta:
        verbose_name_plural = "external identities"
        constraints = (
            # An address that the issuer gives to another person must not bring them in here.
            models.UniqueConstraint(
                name="oidc_externalidentity_one_subject", fields=("user", "issuer")
            ),
        )

    def __str__(self) -> str:
        return f"{self.subject} at {self.issuer}"


def identity_digest(*, issuer: str, subject: str) -> str:
    """Return what stands for the pair: the SHA-256 of both, in hexadecimal digits."""
    return hashlib.sha256(f"{issuer}\n{subject}".encode()).hexdigest()
