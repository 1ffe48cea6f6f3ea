"""Making, checking, replacing and revoking keys."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from core.identity.origin import current_origin
from core.jobs.batches import delete_in_batches
from core.security.api_keys import form
from core.security.api_keys.errors import ExpiryTooLateError, KeyEndedError, KeyRotatedError
from core.security.api_keys.models import ApiKey

USE_NOTED_EVERY = timedelta(minutes=1)
# Of an address, what stays is a network of some hundred callers or one customer of a provider.
NETWORK_BITS = {4: 24, 6: 48}


def api_key_create(
    *,
    user: Any,
    name: str,
    scopes: Iterable[str],
    expires_at: datetime | None = None,
    former: ApiKey | None = None,
) -> tuple[ApiKey, str]:
    """Make a key that acts for ``user``, until it expires or is revoked.

    Args:
        user: for whom it acts; it may never do what the user may not.
        name: what it is for; up to 100 characters.
        scopes: of ``API_KEY_SCOPES``.
        expires_at: within ``API_KEY_MAX_DAYS``; after ``API_KEY_DEFAULT_DAYS`` if not given.
        former: the key whose place it takes.

    Returns:
        The record, and the whole key: nothing can show it again.

    Raises:
        ExpiryTooLateError: when it would hold for longer than ``API_KEY_MAX_DAYS``.
    """
    now = timezone.now()
    if expires_at is None:
        expires_at = now + timedelta(days=settings.API_KEY_DEFAULT_DAYS)
    if expires_at > now + timedelta(days=settings.API_KEY_MAX_DAYS):
        raise ExpiryTooLateError(
            f"A key holds for {settings.API_KEY_MAX_DAYS} days at most.", field="expires_at"
        )
    prefix, secret = form.new_parts()
    api_key = ApiKey.objects.create(
        user=user,
        name=name,
        scopes=sorted(set(scopes)),
        prefix=prefix,
        hash=hash_of(secret),
        expires_at=expires_at,
        former=former,
    )
    return api_key, form.joined(prefix, secret)


@transaction.atomic
def api_key_rotate(
    *, api_key: ApiKey, grace_hours: int, expires_at: datetime | None = None
) -> tuple[ApiKey, str]:
    """Make a key that takes the place of ``api_key``, which goes on for ``grace_hours``.

    Of several that ask at once, one gets a key.

    Args:
        api_key: a key that may be used.
        grace_hours: from 0 to ``API_KEY_GRACE_MAX_HOURS``.
        expires_at: of the new key, as for ``api_key_create``.

    Returns:
        The new record, and the whole new key.

    Raises:
        KeyEndedError: when the key is revoked or expired.
        KeyRotatedError: when another key has taken its place before.
        ExpiryTooLateError: see ``api_key_create``.
    """
    locked = ApiKey.objects.select_for_update().get(pk=api_key.pk)
    now = timezone.now()
    if not is_live(locked, now):
        raise KeyEndedError("The key is revoked or expired. Make a new one.")
    if ApiKey.objects.filter(former=locked).exists():
        raise KeyRotatedError("Another key has taken the place of this one. Rotate that one.")
    made = api_key_create(
        user=locked.user,
        name=locked.name,
        scopes=locked.scopes,
        expires_at=expires_at,
        former=locked,
    )
    end = now + timedelta(hours=min(grace_hours, settings.API_KEY_GRACE_MAX_HOURS))
    if locked.expires_at is None or locked.expires_at > end:
        locked.expires_at = end
        locked.save(update_fields=["expires_at"])
    return made


def api_key_check(*, key: str) -> ApiKey | None:
    """Return the record of ``key``, with its user, and note the use; ``None`` if it is not valid.

    How long a refusal takes tells nothing of the secret.
    """
    parts = form.parts_of(key)
    if parts is None:
        return None
    prefix, secret = parts
    now = timezone.now()
    api_key = ApiKey.objects.select_related("user").filter(prefix=prefix).first()
    is_right = secrets.compare_digest(hash_of(secret), api_key.hash if api_key else "")
    if api_key is None or not is_right or not is_live(api_key, now):
        return None
    # Not at each request: it would make every read a write.
    if api_key.last_used_at is None or now - api_key.last_used_at >= USE_NOTED_EVERY:
        network = network_of(current_origin().remote_address)
        ApiKey.objects.filter(pk=api_key.pk).update(last_used_at=now, last_used_from=network)
    return api_key


def api_key_revoke(*, api_key: ApiKey) -> None:
    """End a key at once. When it was revoked before, that stays the time."""
    if api_key.revoked_at is None:
        api_key.revoked_at = timezone.now()
        api_key.save(update_fields=["revoked_at"])


def api_keys_purge() -> None:
    """Delete the keys that ended more than ``API_KEY_RETENTION_DAYS`` ago, a batch at a time."""
    before = timezone.now() - timedelta(days=settings.API_KEY_RETENTION_DAYS)
    ended = Q(expires_at__lt=before) | Q(revoked_at__lt=before)
    delete_in_batches(ApiKey.objects.filter(ended))


def hash_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def network_of(address: str | None) -> str:
    """Return the network that ``address`` is in, or nothing for what is no address."""
    try:
        bits = NETWORK_BITS[ip_address(address or "").version]
    except ValueError:
        return ""
    return str(ip_network(f"{address}/{bits}", strict=False))


def is_live(api_key: ApiKey, now: datetime) -> bool:
    """Tell whether a key may be used at ``now``, given the right secret."""
    has_ended = api_key.expires_at is not None and api_key.expires_at <= now
    return api_key.revoked_at is None and not has_ended and api_key.user.is_active
