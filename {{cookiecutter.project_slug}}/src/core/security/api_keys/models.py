"""The keys, without their secrets."""

from django.conf import settings
from django.db import models

from core.audit.registry import audited
from core.records.models import Record


@audited(ignored=["last_used_at", "last_used_from"], masked=["hash"])
class ApiKey(Record):
    """A key that acts for ``user``, as far as ``scopes`` go and the user's own permissions.

    ``prefix`` finds it and is no secret. Of the secret there is only ``hash``, its SHA-256: it has
    256 random bits, so nothing slower is needed. ``last_used_at`` is right to the minute, and
    ``last_used_from`` is the network of the caller, not its address. ``former`` is the key whose
    place this one has taken.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_keys"
    )
    name = models.CharField(max_length=100)
    scopes = models.JSONField()
    prefix = models.CharField(max_length=12, unique=True, editable=False)
    hash = models.CharField(max_length=64, editable=False)
    former = models.OneToOneField(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="successor",
    )
    # Empty only in keys that were made when they could hold for ever.
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)
    last_used_from = models.CharField(max_length=43, blank=True, editable=False)

    class Meta:
        verbose_name = "API key"
        verbose_name_plural = "API keys"
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix})"
