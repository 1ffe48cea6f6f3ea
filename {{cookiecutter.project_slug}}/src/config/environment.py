"""The environment: read from variables or files, and checked in one go before production starts."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured
from environ.fileaware_mapping import FileAwareMapping

# % if cookiecutter.auth == "jwt"
from apps.users.authentication.jwt import keys

# % endif
# Django's own floor, security.W009:
# https://docs.djangoproject.com/en/stable/ref/checks/#security
SECRET_MINIMUM_LENGTH = 50
SECRET_MINIMUM_UNIQUE_CHARACTERS = 5

# Where the API, the probes, the metrics and the files are; the admin is nowhere among them.
FIRST_PARTS_TAKEN = {"api", "live", "ready", "healthz", "metrics", "static", "media"}

ValueCheck = Callable[[str], str | None]


@dataclass(frozen=True)
class Variable:
    """One environment variable.

    ``check`` takes the value and returns what is wrong with it, or ``None``. Its answer must never
    repeat the value: it ends in logs. Of each secret, SECURITY.md says how it is replaced.
    """

    name: str
    expected: str
    check: ValueCheck
    is_optional: bool = False
    is_secret: bool = False


class Values(FileAwareMapping):  # type: ignore[misc]
    """Variables, of which each may stand in a file that ``NAME_FILE`` names.

    So Docker and Kubernetes hand out secrets, and what prints the environment shows none:
    https://docs.docker.com/compose/how-tos/use-secrets/
    """

    def __getitem__(self, key: str) -> str:
        """Return the value, without the line ends that a file has at its end.

        Raises:
            ImproperlyConfigured: when the file cannot be read, or the variable is set as well.
            KeyError: when neither is there.
        """
        if self.env.get(f"{key}_FILE") and self.env.get(key):
            raise ImproperlyConfigured(f"{key} and {key}_FILE are set. Leave one of them.")
        try:
            value: str = super().__getitem__(key)
        except (OSError, UnicodeDecodeError) as error:
            raise ImproperlyConfigured(
                f"{key}_FILE names no text file that can be read."
            ) from error
        return value.rstrip("\r\n")


class Env(environ.FileAwareEnv):  # type: ignore[misc]
    """Reads settings from ``Values``: https://django-environ.readthedocs.io/en/latest/tips.html"""

    ENVIRON = Values()

    def items(self, name: str) -> list[str]:
        """Return what stands between the commas; nothing, where the variable is empty."""
        return items(self.str(name, default=""))


def secret(value: str) -> str | None:
    if len(value) < SECRET_MINIMUM_LENGTH or len(set(value)) < SECRET_MINIMUM_UNIQUE_CHARACTERS:
        return "is too short or too regular to be a secret"
    if value.startswith("django-insecure-"):
        return "is a development key"
    return None


def secrets(value: str) -> str | None:
    return next((fault for item in items(value) if (fault := secret(item))), None)


# % if cookiecutter.auth == "jwt"
def jwt_signing_key(value: str) -> str | None:
    if not keys.is_pem(value):
        return secret(value)
    return _key_fault(keys.read_signing_key, value)


def jwt_verification_keys(value: str) -> str | None:
    return _key_fault(keys.read_public_keys, value)


def _key_fault(read: Callable[[str], object], value: str) -> str | None:
    try:
        read(value)
    except keys.KeyFaultError as fault:
        return str(fault)
    return None


# % endif
def bearer_tokens(value: str) -> str | None:
    # https://www.rfc-editor.org/rfc/rfc6750#section-2.1
    tokens = items(value)
    if not tokens:
        return "names no token"
    if not all(re.fullmatch(r"[\w.~+/-]+=*", token, re.ASCII) for token in tokens):
        return "holds what no bearer token may"
    return secrets(value)


def hosts(value: str) -> str | None:
    names = items(value)
    if not names:
        return "names no host"
    if "*" in names:
        return "lets every host in"
    # A name, or a dot and a name for all below it, or an address.
    if not all(re.fullmatch(r"\.?[\w-]+(\.[\w-]+)*|\[[0-9A-Fa-f:]+\]", name) for name in names):
        return "holds something else than host names, such as a scheme, a port or a blank"
    return None


def url(*schemes: str, path: str | None = None) -> ValueCheck:
    """Return a check for a URL with one of ``schemes`` (lower case, without ``://``) and a host.

    ``path`` says what its path names, where it must have one.
    """

    def check(value: str) -> str | None:
        parts = _parts(value)
        if parts is None:
            return "is not a URL; special characters in a password must be percent-encoded"
        if parts.scheme not in schemes:
            return "has another scheme than " + ", ".join(f"{scheme}://" for scheme in schemes)
        if not parts.hostname:
            return "names no host"
        if path and not parts.path.strip("/"):
            return f"names no {path}"
        return None

    return check


def sqlite_url(value: str) -> str | None:
    # Anywhere else, each process would have a database of its own, or none after a restart.
    return None if re.fullmatch(r"sqlite:////[^?#]*[^/?#]", value) else "names no absolute path"


def origins(value: str) -> str | None:
    if not items(value):
        return "names no origin"
    for origin in items(value):
        parts = _parts(origin)
        if parts is None or parts.scheme != "https" or not parts.hostname:
            return "holds something else than https:// origins"
        if parts.path or parts.query or parts.fragment:
            return "holds an origin with a path"
    return None


def email_url(value: str) -> str | None:
    if value == "consolemail://":
        return None
    return url("smtp", "smtp+tls", "smtp+ssl")(value)


def email(value: str) -> str | None:
    if not re.search(r"[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+", value):
        return "holds no e-mail address"
    return None


def text(value: str) -> str | None:
    return None if value.strip() else "is blank"


# % if cookiecutter.auth == "oidc"
def issuer(value: str) -> str | None:
    # https://openid.net/specs/openid-connect-core-1_0.html#IDToken
    parts = _parts(value)
    if parts and (parts.query or parts.fragment):
        return "has a query or a fragment"
    return url("https")(value)


def names(value: str) -> str | None:
    return None if items(value) else "names none"


def mapping(value: str) -> str | None:
    if not items(value) or not all(all(pair) for pair in pairs(value)):
        return "holds something else than NAME=ROLE"
    return None


def pairs(value: str) -> list[tuple[str, str]]:
    """Return the two sides of each ``NAME=ROLE`` between the commas. A name may have a ``=``."""
    found = []
    for item in items(value):
        name, _, role = item.rpartition("=")
        found.append((name.strip(), role.strip()))
    return found


# % endif
# % if cookiecutter.example_app
def dotted_path(value: str) -> str | None:
    names = value.split(".")
    if len(names) > 1 and all(name.isidentifier() for name in names):
        return None
    return "is no dotted path"


# % endif
def whole_number(value: str) -> str | None:
    return None if re.fullmatch(r"0*[1-9][0-9]{0,8}", value) else "is no whole number from 1 on"


def digit(value: str) -> str | None:
    return None if re.fullmatch(r"[0-9]", value) else "is no whole number from 0 to 9"


def period(value: str) -> str | None:
    # So many that the day before them is still one of the calendar's.
    if re.fullmatch(r"0*[1-9][0-9]{0,4}", value):
        return None
    return "is no whole number from 1 to 99999"


# % if cookiecutter.import_export
def folder(value: str) -> str | None:
    # Elsewhere, the API and its workers would have one each, or none after a restart.
    return None if re.fullmatch(r"/[^/\s].*", value) else "names no absolute path"


# % endif
def rate(value: str) -> str | None:
    if re.fullmatch(r"[1-9][0-9]{0,8}/(second|minute|hour|day)", value):
        return None
    return "is no number of requests in a second, minute, hour or day"


def sentry_dsn(value: str) -> str | None:
    # https://docs.sentry.io/concepts/key-terms/dsn-explainer/
    parts = _parts(value)
    is_complete = parts and parts.username and parts.hostname and re.search(r"/\d+$", parts.path)
    if not parts or not is_complete or parts.scheme not in {"http", "https"}:
        return "is no URL with a key and the number of a project"
    return None


def sentry_environment(value: str) -> str | None:
    # https://docs.sentry.io/platforms/python/configuration/environments/
    return None if re.fullmatch(r"[^\s/]{1,64}", value) else "is too long, or has blanks or slashes"


def share(value: str) -> str | None:
    return None if re.fullmatch(r"0|1|0?\.[0-9]{1,9}", value) else "is no number from 0 to 1"


def admin_path(value: str) -> str | None:
    if not re.fullmatch(r"/?[\w-]+(/[\w-]+)*/?", value, re.ASCII):
        return "holds something else than letters, digits, -, _ and single slashes"
    if value.strip("/").partition("/")[0].lower() in FIRST_PARTS_TAKEN:
        return "begins like another route of the service"
    return None


def one_of(*words: str) -> ValueCheck:
    """Return a check for a value that is one of ``words``, letter by letter."""
    return lambda value: None if value in words else "is none of the words that are known"


def items(value: str) -> list[str]:
    """Return what stands between the commas."""
    return [item.strip() for item in value.split(",") if item.strip()]


def _parts(value: str) -> SplitResult | None:
    """Return the parts of a URL, or ``None`` if it has none that make sense."""
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        return None
    return parts


def problems(environment: Mapping[str, str], variables: Iterable[Variable]) -> list[str]:
    """Return a line for each variable that is missing or not sane, in their order.

    ``environment`` may be ``Values``.

    An empty value is the same as none.
    """
    found = []
    for variable in variables:
        try:
            value = environment.get(variable.name, "")
        except ImproperlyConfigured as error:
            found.append(str(error))
            continue
        if not value and variable.is_optional:
            continue
        fault = variable.check(value) if value else "is missing"
        if fault:
            found.append(f"{variable.name} {fault}. Expected: {variable.expected}.")
    return found


def require(environment: Mapping[str, str], variables: Iterable[Variable]) -> None:
    """Refuse an environment that is not complete.

    Raises:
        ImproperlyConfigured: naming every variable that is missing or not sane, all at once.
    """
    found = problems(environment, variables)
    if found:
        lines = "\n".join(f"  - {problem}" for problem in found)
        raise ImproperlyConfigured(f"The environment is not ready for production:\n{lines}")
