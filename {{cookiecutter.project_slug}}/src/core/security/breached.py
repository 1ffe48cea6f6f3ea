"""Passwords that are known from breaches elsewhere are refused, where a service is asked that knows them.

https://pages.nist.gov/800-63-4/sp800-63b.html#passwordver
"""

import hashlib
import logging
from typing import Any

from django.core.exceptions import ValidationError

from core.http.client import Client
from core.http.errors import HttpError
from core.http.upstream import Upstream

# Of a password's SHA-1, what the service hears: several hundred known passwords begin with the same.
PREFIX_LENGTH = 5

logger = logging.getLogger("security")


class BreachedPasswordValidator:
    """Refuses passwords that a service like Pwned Passwords knows.

    It is sent the beginning of the password's SHA-1, and answers with all that it knows to begin so:
    https://haveibeenpwned.com/API/v3#SearchingPwnedPasswordsByRange. While it does not answer, passwords
    are taken: who sets one has to be able to, and the other validators still look.
    """

    def __init__(self, url: str) -> None:
        """Open no connection yet; ``url`` is what stands before ``/range/``."""
        self.client = Client(
            Upstream(
                name="breached passwords",
                base_url=url,
                # Somebody waits for the answer.
                total_seconds=2,
                attempts=1,
                # It is a part of the password's hash.
                logs_path=False,
            )
        )

    def validate(self, password: str, user: Any = None) -> None:  # noqa: ARG002 (as Django calls it)
        """Ask the service.

        Raises:
            ValidationError: if the password is known.
        """
        digest = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()
        prefix, rest = digest[:PREFIX_LENGTH], digest[PREFIX_LENGTH:]
        # Padded, lest the size of the answer tell which it was.
        headers = {"Accept": "text/plain", "Add-Padding": "true"}
        try:
            answer = self.client.request("GET", f"/range/{prefix}", headers=headers)
        except HttpError as error:
            logger.warning("A password was taken unasked: %s", type(error).__name__)
            return
        if rest in _known(answer.content.decode("ascii", "replace")):
            raise ValidationError(
                "This password is known from a breach of another service.",
                code="password_breached",
            )

    def get_help_text(self) -> str:
        return "Your password can't be one that is known from a breach of another service."


def _known(text: str) -> set[str]:
    """Return what the lines ``REST:COUNT`` name; a count of 0 is padding."""
    pairs = (line.strip().partition(":") for line in text.splitlines())
    return {rest.upper() for rest, _, count in pairs if count.strip("0")}
