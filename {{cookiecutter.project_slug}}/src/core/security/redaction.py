"""Keeps secrets out of logs: those of the settings, and whatever looks like one.

https://cheatsheetseries.owasp.org/cheatsheets/Logging_Cheat_Sheet.html#data-to-exclude
"""

import logging
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings

MASK = "***"
# A shorter value would mask words that say nothing.
SECRET_MINIMUM_LENGTH = 8

NAMES = (
    "password",
    "passwd",
    "secret",
    "token",
    "api[_-]?key",
    "signing[_-]?key",
    "authorization",
    "cookie",
    "session[_-]?id",
    "session[_-]?key",
)
NAME = re.compile("|".join(NAMES), re.IGNORECASE)
# In quotes, or up to what ends a value.
VALUES = (r'"(?:[^"\\]|\\.)*"', r"'(?:[^'\\]|\\.)*'", r"[^\s,;&}\])\"']+")
# Each with what stays of it.
PATTERNS = (
    # A private key: https://www.rfc-editor.org/rfc/rfc7468
    (r"-----BEGIN ([A-Z ]*PRIVATE KEY)-----.*?-----END \1-----", MASK),
    # A JSON Web Token: https://www.rfc-editor.org/rfc/rfc7519#section-3.1
    (r"\beyJ[\w-]{6,}\.[\w-]+\.[\w-]*", MASK),
    # % if cookiecutter.api_keys
    # An API key, see core.security.api_keys.form; the second form is that of old ones.
    (r"\b(apikey_[0-9a-f]{12})_[0-9A-Za-z]{43,}", rf"\1_{MASK}"),
    (r"\b([0-9a-f]{12})\.[\w-]{43}(?![\w-])", rf"\1.{MASK}"),
    # % endif
    # What Django signs, such as the tokens in mails: https://docs.djangoproject.com/en/stable/topics/signing/
    (r"\b[\w.-]{8,}:[0-9A-Za-z]{6}:[\w-]{43}(?![\w-])", MASK),
    # The password in a URL: https://www.rfc-editor.org/rfc/rfc3986#section-3.2.1
    (r"(\b[a-z][a-z0-9+.-]*://[^\s/:@]*:)[^\s/@]+(?=@)", rf"\1{MASK}"),
    # Credentials in a header: https://www.rfc-editor.org/rfc/rfc9110#section-11.4
    (r"(?i)\b(bearer|basic|token|api-key) [\w.~+/-]{16,}=*", rf"\1 {MASK}"),
    # A value under a name that says what it is: in a header, JSON, a form, a representation.
    (rf"(?i)((?:{'|'.join(NAMES)})[\"']?\s*(?:=|:)\s*)(?:{'|'.join(VALUES)})", rf"\1{MASK}"),
)
COMPILED = tuple((re.compile(pattern, re.DOTALL), stays) for pattern, stays in PATTERNS)


def redacted(text: str) -> str:
    """Return ``text`` with a mask in place of each secret."""
    known = _known_secrets()
    if known:
        text = known.sub(MASK, text)
    for pattern, stays in COMPILED:
        text = pattern.sub(stays, text)
    return text


def redacted_data(value: Any) -> Any:
    """Return ``value``, made of mappings, lists and scalars, with a mask in place of each secret.

    A secret is what ``redacted`` finds in a text, and all that stands under a name of ``NAMES``.
    """
    if isinstance(value, str):
        return redacted(value)
    if isinstance(value, Mapping):
        return {
            redacted(str(name)): MASK if NAME.search(str(name)) else redacted_data(item)
            for name, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [redacted_data(item) for item in value]
    return value


class RedactingFormatter(logging.Formatter):
    """Formats as ``inner`` does, traces included, without secrets."""

    def __init__(self, fmt: str | None = None, *, inner: logging.Formatter | None = None) -> None:
        super().__init__()
        self._inner = inner or logging.Formatter(fmt)

    def format(self, record: logging.LogRecord) -> str:
        return redacted(self._inner.format(record))


def redact(logger: logging.Logger) -> None:
    """Keep secrets out of what the handlers of ``logger`` write, in whatever form they do."""
    for handler in logger.handlers:
        if not isinstance(handler.formatter, RedactingFormatter):
            handler.setFormatter(RedactingFormatter(inner=handler.formatter))


@cache
def _known_secrets() -> re.Pattern[str] | None:
    """Return what finds the secrets of the settings, the longest first."""
    found = {secret for secret in _secrets() if len(secret) >= SECRET_MINIMUM_LENGTH}
    if not found:
        return None
    return re.compile(
        "|".join(re.escape(secret) for secret in sorted(found, key=len, reverse=True))
    )


def _secrets() -> Iterator[str]:
    for name in settings.SECRET_SETTINGS:
        value: Any = getattr(settings, name, "")
        yield from [value] if isinstance(value, str) else value
    # Without its id, too.
    yield from (item.rpartition(":")[2] for item in settings.FIELD_ENCRYPTION_KEYS)
    for database in settings.DATABASES.values():
        yield str(database.get("PASSWORD") or "")
    for url in settings.SECRET_URLS:
        password = urlsplit(url).password or ""
        yield from (password, unquote(password))
