"""The keys, without their secrets."""

from django.conf import settings
from django.db import models

from core.audit.registry import audited
from core.records.models import Record


@audited(ignored=["last_used_at"], masked=["hash"])
class ApiKey(Record):
    """A key that acts for ``user``.

    ``prefix`` finds it and is no secret. Of the secret there is only ``hash``, its SHA-256: it has
    256 random bits, so nothing slower is needed. ``last_used_at`` is right to the minute.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_keys"
    )
    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=12, unique=True, editable=False)
    hash = models.CharField(max_length=64, editable=False)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = "API key"
        verbose_name_plural = "API keys"
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix})"
