"""Which keys were used, and what was answered."""

from django.conf import settings
from django.db import models


class IdempotencyKey(models.Model):
    """A key that a user sent, and the answer to its request: ``status`` is empty until there is one.

    ``digest`` stands for user and key, because databases differ in whether case counts;
    ``fingerprint`` for the request. Neither can be turned back. ``claim`` names the request that is
    at work, and holds until ``claimed_until``. No ``Record``: it is written within each request
    that has a key, and nobody else changes it, so it has no stamps and few indexes.
    """

    digest = models.CharField(max_length=64, primary_key=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    fingerprint = models.CharField(max_length=64)
    claim = models.UUIDField()
    claimed_until = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    status = models.PositiveSmallIntegerField(null=True)
    headers = models.JSONField(default=dict)
    body = models.BinaryField(default=b"")

    def __str__(self) -> str:
        return self.digest
