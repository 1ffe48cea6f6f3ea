"""Locks an address out of an account after too many wrong passwords, wherever passwords are checked.

django-axes says when; how tries are counted is ours. Its own handlers look first and count afterwards,
so many tries at once would all be let in. Here each try takes a place in a counter of the cache, in one
step, before its password is checked. What is counted ends by itself.

https://django-axes.readthedocs.io/en/latest/6_integration.html
"""

import logging
import time
import unicodedata
from hashlib import sha256
from ipaddress import IPv6Address, ip_address, ip_network
from math import ceil
from typing import Any
from uuid import uuid4

from asgiref.sync import sync_to_async
from axes.backends import AxesStandaloneBackend
from axes.handlers.base import AbstractAxesHandler, AxesBaseHandler
from axes.handlers.proxy import AxesProxyHandler
from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers
from rest_framework import exceptions

from core.api.answers import error_answer
from core.api.middleware import API_PREFIX
from core.cache.counters import raise_counter
from core.errors import UnavailableError
from core.security import second_factor

# Whoever has one IPv6 address has all of its network.
IPV6_NETWORK_BITS = 64

logger = logging.getLogger(__name__)


class LockedOutError(exceptions.Throttled):
    """Too many passwords were wrong; nobody hears whether this one is."""

    default_code = "locked_out"
    default_detail = "Too many failed sign-ins."
    extra_detail_singular = "Try again in {wait} second."
    extra_detail_plural = "Try again in {wait} seconds."


class PasswordBackend(AxesStandaloneBackend, ModelBackend):  # type: ignore[misc]
    """Checks a password, unless the caller is locked out; a right one forgets the wrong ones."""

    def authenticate(
        self,
        request: Any,
        username: str | None = None,
        password: str | None = None,
        **credentials: Any,
    ) -> Any:
        """Return the account, or ``None``.

        With ``otp_token`` among the credentials, that has to be right too: a wrong one counts as a wrong
        password does.

        Raises:
            PermissionDenied: Django's own, when the caller is locked out: no other backend is asked.
        """
        # DRF's request is a shell around the one that the middleware sees.
        request = getattr(request, "_request", request)
        super().authenticate(request, username, password, **credentials)
        user = ModelBackend.authenticate(self, request, username, password, **credentials)
        code = credentials.get("otp_token")
        if user is not None and code is not None and not second_factor.verified(user, code):
            return None
        if user is not None:
            AxesProxyHandler.get_implementation().forget(request)
        return user

    async def aauthenticate(self, request: Any, *args: Any, **credentials: Any) -> Any:
        """Do the same for async views: Django's own would not ask whether the caller is locked out."""
        return await sync_to_async(self.authenticate)(request, *args, **credentials)


class LockoutHandler(AbstractAxesHandler, AxesBaseHandler):  # type: ignore[misc]
    """Counts tries in the cache, by account and address together.

    An account that does not exist is counted like any other. While the cache is away, nobody signs
    in: who could stop the counting could guess without end.
    """

    def is_allowed(self, request: Any, credentials: dict[str, Any] | None = None) -> bool:
        """Take a place for a try; ``False`` when there is none."""
        name = name_of(credentials)
        if name is None:
            return True
        try:
            request.sign_in_key = key = _key(name, request.axes_ip_address)
            wait, request.sign_in_count = _take_place(key)
        except Exception as error:  # noqa: BLE001 (each backend of the cache raises its own kind)
            request.sign_in_error = unavailable(error)
            return False
        if wait:
            request.sign_in_error = LockedOutError(wait)
        return not wait

    def user_login_failed(
        self,
        sender: Any,  # noqa: ARG002 (as the library calls it)
        credentials: dict[str, Any],  # noqa: ARG002 (the same)
        request: Any = None,
        **_: Any,
    ) -> None:
        """Lock, when this was the last try."""
        request = getattr(request, "_request", request)
        count = getattr(request, "sign_in_count", 0)
        if count >= settings.AXES_FAILURE_LIMIT and not hasattr(request, "sign_in_error"):
            _lock(request.sign_in_key)
            logger.warning(
                "%s is locked out of an account for %s: %d passwords were wrong.",
                request.axes_ip_address,
                settings.AXES_COOLOFF_TIME,
                count,
            )

    def user_logged_in(self, *_: Any, **__: Any) -> None:
        """Do nothing: ``PasswordBackend`` forgets, since tokens are given without this signal."""

    def user_logged_out(self, *_: Any, **__: Any) -> None:
        """Do nothing."""

    def get_failures(self, request: Any, credentials: dict[str, Any] | None = None) -> int:
        """Return how many tries are counted."""
        name = name_of(credentials)
        return 0 if name is None else cache.get(_key(name, request.axes_ip_address)) or 0

    def forget(self, request: Any) -> None:
        """Forget the caller's tries: the password was right."""
        key = getattr(request, "sign_in_key", None)
        if key is not None:
            cache.delete_many([key, _until(key)])

    def reset_attempts(
        self,
        *,
        ip_address: str | None = None,
        username: str | None = None,
        ip_or_username: bool = False,
    ) -> int:
        """Unlock an account, an address, one of them for the other, or all. Return 1.

        The commands ``axes_reset...`` call this.
        """
        if ip_address is not None and username is not None and not ip_or_username:
            key = _key(name_of({"username": username}) or "", ip_address)
            cache.delete_many([key, _until(key)])
            return 1
        named = [] if username is None else [_name_epoch(name_of({"username": username}) or "")]
        placed = [] if ip_address is None else [_address_epoch(ip_address)]
        for epoch in named + placed or [EPOCH]:
            # What was counted before is found by nobody, and gone when this is.
            cache.set(epoch, uuid4().hex, timeout=_seconds())
        return 1


def unavailable(error: Exception) -> UnavailableError:
    """Return what to tell who signs in while the cache is away, for ``error``; log it."""
    logger.error("Sign-ins are refused, the cache is away: %s", type(error).__name__)
    return UnavailableError("Signing in is not possible now. Try later.")


def answer(request: HttpRequest, *_: Any) -> HttpResponse:
    """Answer who is locked out: in the error contract, or with a page outside of the API."""
    error = getattr(request, "sign_in_error", None) or LockedOutError(_seconds())
    refusal: HttpResponse = error_answer(error, request)
    if not request.path_info.startswith(API_PREFIX):
        status, header = refusal.status_code, refusal.get("Retry-After")
        detail = error.message if isinstance(error, UnavailableError) else error.detail
        context = {"title": "Signing in is not possible", "detail": detail}
        refusal = render(request, "security/refused.html", context, status=status)
        if header:
            refusal["Retry-After"] = header
    add_never_cache_headers(refusal)
    return refusal


def name_of(credentials: dict[str, Any] | None) -> str | None:
    """Return which account is meant, the same for all ways to write it; ``None`` if none is."""
    found = (credentials or {}).get("email") or (credentials or {}).get("username")
    if found is None:
        return None
    return unicodedata.normalize("NFKC", str(found)).strip().casefold()


EPOCH = "sign-in.epoch"


def _name_epoch(name: str) -> str:
    return f"{EPOCH}.name.{_digest(name)}"


def _address_epoch(address: str | None) -> str:
    return f"{EPOCH}.address.{_digest(_network(address))}"


def _key(name: str, address: str | None) -> str:
    """Return where the tries of ``address`` are counted. Nobody reads from it whose they are."""
    epochs = [EPOCH, _name_epoch(name), _address_epoch(address)]
    found = cache.get_many(epochs)
    parts = [name, _network(address), *(str(found.get(epoch)) for epoch in epochs)]
    return f"sign-in.{_digest(chr(0).join(parts))}"


def _until(key: str) -> str:
    return f"{key}.until"


def _take_place(key: str) -> tuple[int, int]:
    """Return how many seconds there is no place, 0 if this try has one, and how many tries it makes."""
    now = time.time()
    until = cache.get(_until(key)) or 0
    if until > now:
        return ceil(until - now), 0
    count, _ = raise_counter(key, _until(key), seconds=_seconds())
    if count > settings.AXES_FAILURE_LIMIT:  # Others are being checked, at this moment.
        _lock(key)
        return _seconds(), count
    return 0, count


def _lock(key: str) -> None:
    cache.add(_until(key), time.time() + _seconds(), timeout=_seconds())


def _seconds() -> int:
    return int(settings.AXES_COOLOFF_TIME.total_seconds())


def _network(address: str | None) -> str:
    parsed = ip_address(address) if address else None
    if isinstance(parsed, IPv6Address):
        return str(ip_network((parsed, IPV6_NETWORK_BITS), strict=False))
    return str(parsed)


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
