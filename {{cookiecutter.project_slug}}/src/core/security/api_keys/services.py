"""Making, checking and revoking keys."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from core.security.api_keys.models import ApiKey

PREFIX_BYTES = 6
SECRET_BYTES = 32
USE_NOTED_EVERY = timedelta(minutes=1)


def api_key_create(*, user: Any, name: str, expires_at: datetime | None) -> tuple[ApiKey, str]:
    """Make a key that acts for ``user`` until ``expires_at``, or until it is revoked.

    Returns:
        The record, and the whole key: nothing can show it again.
    """
    prefix, secret = secrets.token_hex(PREFIX_BYTES), secrets.token_urlsafe(SECRET_BYTES)
    api_key = ApiKey.objects.create(
        user=user, name=name, prefix=prefix, hash=hash_of(secret), expires_at=expires_at
    )
    return api_key, f"{prefix}.{secret}"


def api_key_check(*, key: str) -> ApiKey | None:
    """Return the record of ``key``, with its user, and note the use; ``None`` if it is not valid.

    How long a refusal takes tells nothing of the secret.
    """
    now = timezone.now()
    prefix, _, secret = key.partition(".")
    api_key = ApiKey.objects.select_related("user").filter(prefix=prefix).first()
    is_right = secrets.compare_digest(hash_of(secret), api_key.hash if api_key else "")
    if api_key is None or not is_right or not is_live(api_key, now):
        return None
    # Not at each request: it would make every read a write.
    if api_key.last_used_at is None or now - api_key.last_used_at >= USE_NOTED_EVERY:
        ApiKey.objects.filter(pk=api_key.pk).update(last_used_at=now)
    return api_key


def api_key_revoke(*, api_key: ApiKey) -> None:
    """End a key at once. When it was revoked before, that stays the time."""
    if api_key.revoked_at is None:
        api_key.revoked_at = timezone.now()
        api_key.save(update_fields=["revoked_at"])


def hash_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def is_live(api_key: ApiKey, now: datetime) -> bool:
    """Tell whether a key may be used at ``now``, given the right secret."""
    has_ended = api_key.expires_at is not None and api_key.expires_at <= now
    return api_key.revoked_at is None and not has_ended and api_key.user.is_active
