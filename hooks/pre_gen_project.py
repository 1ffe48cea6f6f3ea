"""Refuses answers that cannot work: all of them at once, before a file is written.

cookiecutter renders this file as a template, runs it in the project's new folder, and removes that
folder again when the exit status is not 0. Standard library only.
"""

import json
import keyword
import re
import sys
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path

Answers = Mapping[str, str | bool]

TEXTS = ("project_name", "description", "author_name")
TEXT_MAX_LENGTH = 200

SLUG = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
# A Kubernetes name ends at 63 characters, and names such as `<slug>-worker` are made from the slug.
SLUG_LENGTH = range(2, 41)

# Answers that exclude each other, and what to do about it.
IMPOSSIBLE = {
    (("django_version", "6.1"), ("python_version", "3.11")): (
        "django_version 6.1 needs Python 3.12 or later. "
        "Choose python_version 3.12, 3.13 or 3.14, or django_version 5.2."
    ),
    **{
        (("database", database), ("row_level_security", True)): (
            f"row_level_security is PostgreSQL's, and {database} has none. "
            "Choose database postgresql, or leave row_level_security out."
        )
        for database in ("mysql", "sqlite")
    },
}

# https://learn.microsoft.com/en-us/windows/win32/fileio/naming-a-file
WINDOWS_DEVICES = frozenset(
    {"con", "prn", "aux", "nul"} | {f"{port}{n}" for port in ("com", "lpt") for n in range(10)}
)

# Names that are the service's own, or that a server which it uses keeps for itself.
SERVICE_NAMES = """
    apps config conftest core default guest information_schema k8s locks manage mysql
    performance_schema postgres root scripts src template0 template1 test tests
"""

# What a bake can install, by the name that is imported and by the name that is installed: a project
# named like one of its dependencies cannot be locked. A test holds this against the seed locks.
INSTALLED_NAMES = """
    amqp anyio argon2 argon2_cffi argon2_cffi_bindings asgiref ast_serialize async_timeout attr
    attrs auditlog axes bandit billiard boolean boolean_py boto3 botocore cachecontrol celery
    celery_types certifi cffi charset_normalizer click click_didyoumean click_plugins click_repl
    colorama corsheaders coverage cryptography csp cyclonedx cyclonedx_python_lib dateutil
    defusedxml deptry detect_secrets diff_match_patch django django_auditlog django_axes
    django_cors_headers django_csp django_environ django_filter django_filters django_import_export
    django_otp django_storages django_structlog django_stubs django_stubs_ext django_zeal
    djangorestframework djangorestframework_simplejwt djangorestframework_stubs docker
    drf_spectacular drf_spectacular_sidecar drf_standardized_errors environ et_xmlfile factory
    factory_boy faker filelock graphql_core grimp gunicorn h11 harfile httpcore httpx hypothesis
    hypothesis_graphql idna import_export import_linter importlinter inflection iniconfig jsonschema
    jsonschema_rs jsonschema_specifications jwt kombu librt license_expression markdown_it
    markdown_it_py markupsafe mdurl msgpack mypy mypy_django_plugin mypy_drf_plugin mypy_extensions
    mypyc mysqlclient mysqldb openpyxl opentelemetry packageurl packageurl_python packaging pathspec
    pip pip_api pip_audit pip_requirements_parser platformdirs pluggy prometheus_client
    prompt_toolkit psycopg psycopg2 psycopg_binary psycopg_pool py py_serializable pycparser
    pygments pyjwt pyparsing pyrate_limiter pytest pytest_cov pytest_django pytest_xdist
    python_dateutil pyyaml redis referencing requests requirements requirements_parser
    rest_framework rest_framework_simplejwt rich rpds rpds_py ruff schemathesis sentry_sdk six
    sortedcontainers sqlparse stevedore storages structlog tablib tenacity testcontainers
    time_machine tomli tomli_w types_pyyaml typing_extensions tzdata tzlocal uritemplate urllib3
    uuid_utils uvicorn uvicorn_worker vine wcwidth werkzeug whitenoise xdist yaml zeal
"""

# Soft keywords and standard modules that the oldest supported Python does not know yet.
LATER_PYTHON_NAMES = frozenset({"annotationlib", "compression", "lazy", "type"})

# https://trojansource.codes/: controls that show text in another order than it is stored in.
BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
LINE_SEPARATORS = frozenset("\u2028\u2029")
BYTE_ORDER_MARK = "\ufeff"

# `cruft update` renders the answers again as templates, so these would change or fail then.
TEMPLATE_SYNTAX = re.compile(r"\{[%#{]|^\s*# %")

HOST_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
# The last label holds a letter: 10.0.0.1 is an address, not a name.
HOST_NAME = re.compile(rf"(?:{HOST_LABEL}\.)+(?=[a-z0-9-]*[a-z]){HOST_LABEL}|localhost")
HOST_MAX_LENGTH = 253

EMAIL_LOCAL_PART = re.compile(r"[A-Za-z0-9_+'-]+(?:\.[A-Za-z0-9_+'-]+)*")
EMAIL_LOCAL_PART_MAX_LENGTH = 64
EMAIL_MAX_LENGTH = 254

SHOWN_MAX_LENGTH = 60


def problems(answers: Answers) -> Iterator[str]:
    """Yield one line for each thing that is wrong: what it is, and what would be right."""
    for question in TEXTS:
        yield from text_problems(question, answers[question])
    yield from slug_problems(answers["__slug_as_answered"])
    yield from email_problems(answers["author_email"])
    yield from domain_problems(answers["domain_name"])
    for parts, advice in IMPOSSIBLE.items():
        if all(answers[question] == answer for question, answer in parts):
            yield advice


def text_problems(question: str, text: object) -> Iterator[str]:
    """Yield what keeps ``text`` from standing in Python, TOML, YAML, JSON and Markdown alike."""
    if not isinstance(text, str) or all(unicodedata.category(one)[0] in "ZC" for one in text):
        yield f"{question} is empty. Write at least one visible character."
        return
    if len(text) > TEXT_MAX_LENGTH:
        yield (
            f"{question} has {len(text)} characters. Write {TEXT_MAX_LENGTH} at the most; "
            "the README has room for the rest."
        )
    if text != text.strip():
        yield f"{question} begins or ends with white space. Write it without."
    refused = sorted({character for character in text if refusal(character)})
    if refused:
        named = ", ".join(
            f"{code_point(character)} ({refusal(character)})" for character in refused
        )
        yield f"{question} holds {named}. Write one line of visible characters."
    if found := TEMPLATE_SYNTAX.search(text):
        yield (
            f"{question} holds {shown(found.group())}, which is template syntax and would not "
            "survive an update of the project. Write it with other characters, for example '(('."
        )


def refusal(character: str) -> str | None:
    """Return why no text may hold ``character``, or ``None`` if it may."""
    number = ord(character)
    if character in "\r\n\x85" or character in LINE_SEPARATORS:
        return "a line break"
    if character in BIDI_CONTROLS:
        return "a direction control, which makes text read otherwise than it is"
    if character == BYTE_ORDER_MARK:
        return "a byte order mark"
    if unicodedata.category(character) == "Cc":
        return "a control character"
    if unicodedata.category(character) == "Cs":
        return "half a character"
    if 0xFDD0 <= number <= 0xFDEF or number & 0xFFFE == 0xFFFE:
        return "no character"
    return None


def slug_problems(slug: object) -> Iterator[str]:
    """Yield why ``slug`` cannot be the project's folder, image, database and package name."""
    text = str(slug)
    rule = "Use lower-case letters, digits and _, starting with a letter"
    if not isinstance(slug, str) or not SLUG.fullmatch(text):
        yield (
            f"project_slug {shown(text)} is no plain name. {rule}, with single _ between words, "
            f"for example {suggestion(text)!r}."
        )
        return
    if len(text) < SLUG_LENGTH[0]:
        yield f"project_slug {text!r} is too short. {rule}, for example {suggestion(text)!r}."
    if len(text) > SLUG_LENGTH[-1]:
        yield (
            f"project_slug {shown(text)} has {len(text)} characters. "
            f"Use {SLUG_LENGTH[-1]} at the most, for example {suggestion(text)!r}."
        )
    if taken := taken_by(text):
        yield f"project_slug {text!r} is {taken}. {rule}, for example {suggestion(text)!r}."


def taken_by(slug: str) -> str | None:
    """Return whose name ``slug`` is already, or ``None`` when it is free."""
    if keyword.iskeyword(slug) or keyword.issoftkeyword(slug):
        return "a Python keyword"
    if slug in sys.stdlib_module_names or slug in LATER_PYTHON_NAMES:
        return "the name of a module of Python itself"
    if slug in INSTALLED_NAMES.split():
        return "the name of a package that the service can depend on"
    if slug in SERVICE_NAMES.split():
        return "a name with a meaning of its own in the service or its servers"
    if slug.startswith(("kube_", "pg_")):
        return "a name that Kubernetes or PostgreSQL keeps for itself"
    if slug in WINDOWS_DEVICES:
        return "the name of a device on Windows"
    return None


def suggestion(slug: str) -> str:
    """Return a slug that would be accepted and that resembles ``slug``."""
    ascii_text = unicodedata.normalize("NFKD", slug).encode("ascii", "ignore").decode()
    words = "_".join(re.findall(r"[a-z0-9]+", ascii_text.lower())).lstrip("0123456789_")
    words = words[: SLUG_LENGTH[-1]].rstrip("_")
    if len(words) in SLUG_LENGTH and not taken_by(words):
        return words
    longer = words[: SLUG_LENGTH[-1] - len("_service")].rstrip("_")
    return f"{longer}_service" if longer and not taken_by(f"{longer}_service") else "my_service"


def email_problems(email: object) -> Iterator[str]:
    text = str(email)
    local_part, _, domain = text.rpartition("@")
    well_formed = (
        len(text) <= EMAIL_MAX_LENGTH
        and len(local_part) <= EMAIL_LOCAL_PART_MAX_LENGTH
        and EMAIL_LOCAL_PART.fullmatch(local_part)
        and text.isascii()
        and is_host_name(domain.lower())
    )
    if not well_formed:
        yield (
            f"author_email {shown(text)} is no e-mail address of ASCII letters, digits and . _ + - "
            f"before the @. Write one, without a name or brackets, for example 'you@example.com'."
        )


def domain_problems(domain: object) -> Iterator[str]:
    text = str(domain)
    if not is_host_name(text):
        yield (
            f"domain_name {shown(text)} is no domain name. Write lower-case letters, digits, - and "
            "dots only, without https://, port or path (international names as xn--...), "
            "for example 'example.com'."
        )


def is_host_name(text: str) -> bool:
    """Tell whether ``text`` is a lower-case DNS name (RFC 1123) of two labels or more, or localhost."""
    return len(text) <= HOST_MAX_LENGTH and HOST_NAME.fullmatch(text) is not None


def shown(text: str) -> str:
    """Return ``text`` quoted, in visible characters, cut where it is long."""
    cut = text if len(text) <= SHOWN_MAX_LENGTH else text[: SHOWN_MAX_LENGTH - 3] + "..."
    return repr(cut) if all(map(is_visible, cut)) else ascii(cut)


def is_visible(character: str) -> bool:
    return refusal(character) is None and character.isprintable()


def code_point(character: str) -> str:
    return f"U+{ord(character):04X}"


def mark_start(project: Path) -> None:
    """When a project is written over, remember the moment, so that nothing older gets removed."""
    if any(project.iterdir()):
        (project / ".bake-started").touch()


def main() -> int:
    # tojson writes ASCII, and the apostrophe as an escape: no answer ends this string early.
    answers = json.loads(r"""{{ cookiecutter | tojson }}""")
    found = list(problems(answers))
    for problem in found:
        print(problem, file=sys.stderr)
    if found:
        return 1
    mark_start(Path.cwd())
    return 0


if __name__ == "__main__":
    sys.exit(main())
