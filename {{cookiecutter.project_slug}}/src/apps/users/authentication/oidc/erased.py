"""Tokens from before their account was erased make no other account.

They may be good for a while yet, and a page that is still open would bring the person back with the next
request. So the digest of the subject is kept in the cache until such tokens are over.
"""

import time
from datetime import timedelta

from django.core.cache import cache

REMEMBERED_FOR = timedelta(days=1)


def remember(digest: str) -> None:
    """Note that the account of a subject is erased now."""
    cache.set(_key(digest), int(time.time()), timeout=REMEMBERED_FOR.total_seconds())


def is_from_before(digest: str, issued_at: int) -> bool:
    """Tell whether a token was issued when the subject had an account that is erased by now."""
    erased_at: int | None = cache.get(_key(digest))
    return erased_at is not None and issued_at <= erased_at


def _key(digest: str) -> str:
    return f"users.erased.{digest}"
