"""The issuer's keys: found by discovery, kept in memory, read again when they are old or too few.

https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfig, RFC 7517

PyJWT's own client holds its lock while it reads, so that an issuer that hangs stops all threads; it
reads an answer of any size for any time, and drops keys that are old though no others can be had.
"""

import json
import logging
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Event, Lock
from time import monotonic
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import jwt
from rest_framework import status
from rest_framework.exceptions import APIException

from core.http.client import Client
from core.http.errors import HttpError
from core.http.upstream import Upstream

logger = logging.getLogger(__name__)

# Asymmetric ones only: with HS256 the public key would be the secret.
ALGORITHMS = ("RS256", "ES256")
DISCOVERY_PATH = "/.well-known/openid-configuration"
DOCUMENT_MAXIMUM_BYTES = 256 * 1024
# For each of the two documents, from the first byte that is sent to the last that comes.
FETCH_TIMEOUT_SECONDS = 2
# Whoever finds another thread reading the keys waits for it, for as long as both documents may take:
# less would refuse good tokens when a process starts under load. It happens once, as nobody waits
# while the issuer is known to be down.
WAIT_SECONDS = 2 * FETCH_TIMEOUT_SECONDS
# A key that the issuer withdraws is trusted for so long, while the issuer answers.
KEYS_LIFETIME_SECONDS = 10 * 60
# While it does not, so long: a night and the day after, to mend it in. Longer would make a key that
# was stolen and withdrawn good for anybody who can keep the service from reaching the issuer.
KEYS_OUTAGE_SECONDS = 24 * 60 * 60
# A token with an unknown key makes the service read the keys again, but not more often than this.
REFETCH_AFTER_SECONDS = 10
# When the issuer gave no keys, nobody asks it again until then.
RETRY_AFTER_SECONDS = 5


class IssuerUnavailableError(APIException):
    """Nobody can tell now whether the token is valid. It may well be: the client can try again."""

    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_code = "issuer_unavailable"
    default_detail = "The token cannot be checked at the moment."
    # Becomes the header Retry-After.
    wait = RETRY_AFTER_SECONDS


class UnknownKeyError(jwt.InvalidTokenError):
    """The issuer has no such key."""


@dataclass(frozen=True)
class KeySet:
    """Keys by ``kid``, and when they were read, in seconds of the monotonic clock."""

    keys: Mapping[str, jwt.PyJWK]
    read_at: float

    @property
    def age_seconds(self) -> float:
        return monotonic() - self.read_at


class IssuerKeys:
    """The keys of one issuer, for all threads of the process.

    One thread at a time reads them, and holds no lock meanwhile. The others go on with the keys that
    they have; only when theirs is missing, or older than an outage may last, do they wait, for
    ``WAIT_SECONDS``, and not even that while the issuer is known to be down.
    """

    def __init__(self, *, issuer: str, jwks_url: str = "") -> None:
        """Read nothing yet.

        Args:
            issuer: its URL, as in the claim ``iss``.
            jwks_url: where its keys are. Without it, its discovery document says so.
        """
        self._issuer = issuer
        self._jwks_url = jwks_url
        self._lock = Lock()
        self._known: KeySet | None = None
        self._failed_at: float | None = None
        self._reading: Event | None = None
        # Touched only by the thread that reads.
        self._discovered: tuple[str, float] | None = None

    def key(self, key_id: str) -> jwt.PyJWK:
        """Return the key with this ``kid``.

        Raises:
            UnknownKeyError: when the issuer has none, as far as it was asked lately.
            IssuerUnavailableError: when nobody can tell.
        """
        known = self._known
        if not known or key_id not in known.keys or known.age_seconds >= KEYS_LIFETIME_SECONDS:
            self._refresh(key_id)
            known = self._known
        if not known or known.age_seconds >= KEYS_OUTAGE_SECONDS:
            raise IssuerUnavailableError
        if key_id in known.keys:
            return known.keys[key_id]
        if self._failed_at is not None or self._reading:
            raise IssuerUnavailableError
        raise UnknownKeyError("The issuer has no such key.")

    def _refresh(self, key_id: str) -> None:
        """Read the keys if that is due, or wait a little for the thread that does."""
        with self._lock:
            reading = self._reading
            if not reading:
                if not self._is_due(key_id):
                    return
                self._reading = Event()
        if not reading:
            self._read()
        elif self._failed_at is None and not self._has(key_id):
            reading.wait(WAIT_SECONDS)

    def _has(self, key_id: str) -> bool:
        """Tell whether there is a key to go on with, be it past its lifetime."""
        known = self._known
        return (
            known is not None and key_id in known.keys and known.age_seconds < KEYS_OUTAGE_SECONDS
        )

    def _is_due(self, key_id: str) -> bool:
        if self._failed_at is not None and monotonic() - self._failed_at < RETRY_AFTER_SECONDS:
            return False
        known = self._known
        if not known or known.age_seconds >= KEYS_LIFETIME_SECONDS:
            return True
        return key_id not in known.keys and known.age_seconds >= REFETCH_AFTER_SECONDS

    def _read(self) -> None:
        # Before it is asked: what it withdraws meanwhile is as old as the question.
        asked_at = monotonic()
        try:
            self._known = KeySet(self._published_keys(), asked_at)
            self._failed_at = None
        # What the network, or an issuer that answers anything at all, can bring about.
        except (
            HttpError,
            httpx.InvalidURL,
            jwt.PyJWTError,
            ValueError,
            RecursionError,
        ) as error:
            self._discovered = None
            self._failed_at = monotonic()
            logger.warning("The issuer %s gives no keys: %s", self._issuer, error)
        finally:
            with self._lock:
                reading, self._reading = self._reading, None
            if reading:
                reading.set()

    def _published_keys(self) -> dict[str, jwt.PyJWK]:
        document = read_document(self._jwks_url or self._discovered_url())
        keys = {
            key.key_id: key
            for key in jwt.PyJWKSet.from_dict(document)
            if isinstance(key.key_id, str) and is_for_signatures(key)
        }
        if not keys:
            raise ValueError(f"none has a kid and is for {' or '.join(ALGORITHMS)}")
        return keys

    def _discovered_url(self) -> str:
        """Return ``jwks_uri`` of the issuer's discovery document.

        Raises:
            ValueError: when the document is another issuer's, or its ``jwks_uri`` is none, or not
                https where the issuer is.
        """
        if self._discovered and monotonic() - self._discovered[1] < KEYS_LIFETIME_SECONDS:
            return self._discovered[0]
        asked_at = monotonic()
        document = read_document(self._issuer.removesuffix("/") + DISCOVERY_PATH)
        if document.get("issuer") != self._issuer:
            raise ValueError("the issuer in its discovery document is another than OIDC_ISSUER")
        url = document.get("jwks_uri")
        schemes = ("https",) if self._issuer.startswith("https:") else ("http", "https")
        if not isinstance(url, str) or urlsplit(url).scheme not in schemes:
            raise ValueError(f"jwks_uri in its discovery document is no {' or '.join(schemes)} URL")
        self._discovered = url, asked_at
        return url


def is_for_signatures(key: jwt.PyJWK) -> bool:
    """Tell whether tokens may be signed with ``key``, which weak ones are not for either."""
    return (
        key.public_key_use in ("sig", None)
        and key.algorithm_name in ALGORITHMS
        and not key.Algorithm.check_key_length(key.key)
    )


def read_document(url: str) -> dict[str, Any]:
    """Return the JSON object at ``url``, following no redirect.

    Raises:
        HttpError: when it does not come whole, in time, and not too long.
        ValueError: when it is no JSON object, or ``url`` none that can be asked.
    """
    parts = urlsplit(url)
    upstream = Upstream(
        name="issuer",
        base_url=f"{parts.scheme}://{parts.netloc}",
        headers={"Accept": "application/json, application/jwk-set+json"},
        total_seconds=FETCH_TIMEOUT_SECONDS,
        max_bytes=DOCUMENT_MAXIMUM_BYTES,
        # IssuerKeys tries again, and knows when to leave the issuer alone.
        attempts=1,
        breaker_failures=sys.maxsize,
    )
    client = Client(upstream)
    try:
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        response = client.request("GET", parts.path or "/", params=query)
    finally:
        # It is minutes until the next time.
        client.close()
    # Not everybody who publishes keys says that they are JSON.
    document = json.loads(response.content)
    if not isinstance(document, dict):
        raise ValueError("the answer is no JSON object")  # noqa: TRY004 (a fault of the issuer)
    return document


_issuers: dict[tuple[str, str], IssuerKeys] = {}
if hasattr(os, "register_at_fork"):
    # The thread that read them may be gone in the child.
    os.register_at_fork(after_in_child=_issuers.clear)


def issuer_keys(*, issuer: str, jwks_url: str) -> IssuerKeys:
    """Return the keys of ``issuer``, the same object for all threads of the process."""
    made = IssuerKeys(issuer=issuer, jwks_url=jwks_url)
    return _issuers.setdefault((issuer, jwks_url), made)
