"""What production needs from its environment, checked in one go before anything starts."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

# Django's own floor, security.W009:
# https://docs.djangoproject.com/en/stable/ref/checks/#security
SECRET_MINIMUM_LENGTH = 50
SECRET_MINIMUM_UNIQUE_CHARACTERS = 5

ValueCheck = Callable[[str], str | None]


@dataclass(frozen=True)
class Variable:
    """One required environment variable.

    ``check`` takes the value and returns what is wrong with it, or ``None``. Its answer must never
    repeat the value: it ends in logs.
    """

    name: str
    expected: str
    check: ValueCheck


def secret(value: str) -> str | None:
    if len(value) < SECRET_MINIMUM_LENGTH or len(set(value)) < SECRET_MINIMUM_UNIQUE_CHARACTERS:
        return "is too short or too regular to be a secret"
    if value.startswith("django-insecure-"):
        return "is a development key"
    return None


def hosts(value: str) -> str | None:
    names = [name.strip() for name in value.split(",") if name.strip()]
    if not names:
        return "names no host"
    if "*" in names:
        return "lets every host in with '*'"
    if any("/" in name or ":" in name.strip("[]") for name in names):
        return "holds an address with a scheme, port or path"
    return None


def url(*schemes: str, host: bool = True) -> ValueCheck:
    """Return a check for a URL with one of ``schemes`` (lower case, without ``://``)."""

    def check(value: str) -> str | None:
        try:
            parts = urlsplit(value)
            has_host = bool(parts.hostname)
            _ = parts.port
        except ValueError:
            return "is not a URL"
        if parts.scheme.lower() not in schemes:
            return "has another scheme than " + ", ".join(f"{scheme}://" for scheme in schemes)
        if host and not has_host:
            return "names no host"
        return None

    return check


def urls(*schemes: str) -> ValueCheck:
    """Return a check for a comma-separated list of URLs, which may be empty."""
    check_one = url(*schemes)

    def check(value: str) -> str | None:
        faults = (check_one(part.strip()) for part in value.split(",") if part.strip())
        return next((fault for fault in faults if fault), None)

    return check


def email_url(value: str) -> str | None:
    return url("smtp", "smtp+tls", "smtp+ssl")(value) and url("consolemail", host=False)(value)


def email(value: str) -> str | None:
    if not re.search(r"[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+", value):
        return "holds no e-mail address"
    return None


def text(value: str) -> str | None:
    return None if value.strip() else "is blank"


def problems(environment: Mapping[str, str], required: Iterable[Variable]) -> list[str]:
    """Return a line for each variable that is missing or not sane, in the order of ``required``."""
    found = []
    for variable in required:
        value = environment.get(variable.name, "")
        fault = "is missing" if not value else variable.check(value)
        if fault:
            found.append(f"{variable.name} {fault}. Expected: {variable.expected}.")
    return found


def require(environment: Mapping[str, str], required: Iterable[Variable]) -> None:
    """Refuse an environment that is not complete.

    Raises:
        ImproperlyConfigured: naming every variable that is missing or not sane, all at once.
    """
    found = problems(environment, required)
    if found:
        lines = "\n".join(f"  - {problem}" for problem in found)
        raise ImproperlyConfigured(f"The environment is not ready for production:\n{lines}")
