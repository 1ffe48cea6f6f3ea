"""Sign-ins, and which refresh token of each is the current one."""

from datetime import datetime

from django.conf import settings
from django.db import models

from core.records.keys import uuid7


class EndReason(models.TextChoices):
    """Why a family is over before it expires."""

    SIGNED_OUT = "signed_out", "signed out"
    REUSED = "reused", "a used-up refresh token came again"
    ENDED = "ended", "ended from elsewhere"


class TokenFamily(models.Model):
    """A sign-in, and all tokens that follow from it by being refreshed.

    ``current`` is the ``jti`` of the one refresh token that is good. A refresh token of the family
    that is another was used up before, so somebody has a copy: the family ends, and with it all of
    its tokens (RFC 9700, section 4.14.2). No token is kept. ``network`` and ``user_agent`` are those of
    the sign-in, by which its user recognises it: see ``core.identity.origin``. No ``Record``: it is written at each
    refresh, by nobody but the owner, so it has no stamps and few indexes.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="token_families"
    )
    current = models.CharField(max_length=32, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    refreshed_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(db_index=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(max_length=16, choices=EndReason.choices, blank=True)
    # The database knows the defaults too, for the release before, which writes rows without them.
    network = models.CharField(max_length=39, blank=True, default="", db_default="", editable=False)
    user_agent = models.CharField(
        max_length=200, blank=True, default="", db_default="", editable=False
    )

    class Meta:
        verbose_name_plural = "token families"

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def seen_at(self) -> datetime:
        """When it was last used, as far as it is known: at the last refresh."""
        return self.refreshed_at
