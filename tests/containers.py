"""What is wrong with a bake's Dockerfile and compose files."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import PurePosixPath
from typing import Any

import yaml

from tests.baking import BakedProject
from tests.programs import find_program, installed_program
from tests.schemas import schema_faults
from tests.variables import environment_values, health_paths, known_variables, worker_faults

COMPOSE_FILES = ("docker-compose.yml", "docker-compose.servers.yml")
# The containers of the image; the others are of servers.
WORKERS = ("worker-critical", "worker-default", "worker-bulk")
OWN_SERVICES = {"web", *WORKERS, "beat", "migrate"}
WRITABLE = ["/tmp"]  # noqa: S108 (in a container)
PROXY = "proxy"
# What a developer's machine may have, also beside the code.
SECRETS = (
    ".env",
    ".git/config",
    "db.sqlite3",
    "secrets/token",
    "tls.key",
    "tls.pem",
    "src/.env",
    "src/.env.production",
    "src/db.sqlite3",
    "src/db.sqlite3-wal",
    "src/keys/signing.pem",
    "src/keys/tls.key",
    "src/secrets/token",
)
HOLDS_A_PASSWORD = re.compile(r"PASS|SECRET|TOKEN|_KEY\b|://[^/]*:[^/]+@")


def dockerfile_faults(project: BakedProject) -> list[str]:
    """Return one line for each fault in the Dockerfile and what it leaves out of the context."""
    text = project.text("Dockerfile")
    final = text[text.rindex("\nFROM ") :]
    return [
        *hadolint_faults(text),
        *user_faults(final),
        *secret_faults(text),
        *version_faults(project, text),
        *health_faults(project, final),
        *context_faults(project),
    ]


def hadolint_faults(text: str) -> Iterator[str]:
    done = subprocess.run(
        [installed_program("hadolint"), "--no-fail", "--format", "json", "-"],
        input=text,
        capture_output=True,
        text=True,
        check=True,
    )
    for finding in json.loads(done.stdout):
        yield f"line {finding['line']}: {finding['code']} {finding['message']}"


def user_faults(final: str) -> Iterator[str]:
    """Yield why the image would run as root, or as somebody that Kubernetes cannot judge."""
    users = re.findall(r"(?m)^USER (.+)$", final)
    if not users:
        yield "the last stage names no USER"
    elif not re.fullmatch(r"[1-9]\d*:[1-9]\d*", users[-1]):
        yield f"USER {users[-1]} is not numeric, or is root"


def secret_faults(text: str) -> Iterator[str]:
    """Yield values that look like secrets and stay in the image: set by ENV or ARG, or copied."""
    joined = text.replace("\\\n", " ")
    for line in re.findall(r"(?m)^(?:ENV|ARG) .*$", joined):
        if found := re.search(r"\w*(?:SECRET|PASSWORD|TOKEN|_KEY)\w*", line):
            yield f"{found.group()} stays in the image"


def version_faults(project: BakedProject, text: str) -> Iterator[str]:
    """Yield images that are not pinned, and another uv than the one that `make` brings."""
    (brought,) = re.findall(r'(?m)^VERSION = "(.+)"$', project.text("scripts/bring_uv.py"))
    images = re.findall(r"(?m)^FROM (\S+)", text)
    if f"ghcr.io/astral-sh/uv:{brought}" not in images:
        yield f"uv is not {brought}, the one of scripts/bring_uv.py"
    stages = set(re.findall(r"(?m)^FROM .* AS (\w+)$", text))
    for image in images:
        if image not in stages and (":" not in image or image.endswith(":latest")):
            yield f"{image} is not pinned"


def health_faults(project: BakedProject, final: str) -> Iterator[str]:
    """Yield why the image's own check would not tell whether it lives."""
    asked = re.findall(r"HEALTHCHECK [\s\S]*?'GET', '([^']+)'", final)
    if asked != ["/live/"] or not set(asked) <= health_paths(project):
        yield f"HEALTHCHECK asks for {asked}, not for /live/"
    if not re.search(r'(?m)^CMD \["gunicorn", "--config", "config/gunicorn.conf.py"\]$', final):
        yield "CMD does not start gunicorn as the one process"
    if not project.has_file("src/config/gunicorn.conf.py"):
        yield "src/config/gunicorn.conf.py is not there"


def context_faults(project: BakedProject) -> Iterator[str]:
    """Yield what the build would be sent beyond what the image needs."""
    lines = [line for line in project.text(".dockerignore").splitlines() if line[:1] not in "#"]
    allowed = {line[1:] for line in lines if line.startswith("!")}
    if lines[:1] != ["*"] or allowed != {"pyproject.toml", "uv.lock", "src"}:
        yield f".dockerignore begins with {lines[:1]} and lets {sorted(allowed)} in"
    yield from (f".dockerignore lets {path} in" for path in SECRETS if in_context(lines, path))


def in_context(lines: list[str], path: str) -> bool:
    """Tell whether the build is sent ``path``: the last line that matches it or a folder of it counts.

    https://docs.docker.com/build/concepts/context/#dockerignore-files
    """
    kept = True
    for line in lines:
        pattern = line.removeprefix("!")
        for one in (PurePosixPath(path), *PurePosixPath(path).parents):
            name = one.name if pattern.startswith("**/") else str(one)
            if fnmatch(name, pattern.removeprefix("**/")):
                kept = line.startswith("!")
    return kept


def compose_faults(project: BakedProject) -> list[str]:
    """Return one line for each fault in the compose files."""
    services = {
        name: service
        for file in COMPOSE_FILES
        for name, service in yaml.safe_load(project.text(file))["services"].items()
    }
    return [
        *schema_faults(project, "vendor.compose-spec", *COMPOSE_FILES),
        *hardening_faults(services),
        *way_in_faults(services),
        *environment_faults(project, services),
        *(fault for file in COMPOSE_FILES for fault in literal_faults(project.text(file))),
        *dependency_faults(services),
        *worker_faults(project, [" ".join(services[name]["command"]) for name in WORKERS]),
    ]


def hardening_faults(services: dict[str, Any]) -> Iterator[str]:
    if missing := OWN_SERVICES - set(services):
        yield f"there is no {sorted(missing)}"
    for name, service in services.items():
        if service.get("cap_drop") != ["ALL"]:
            yield f"{name}: keeps capabilities"
        if service.get("security_opt") != ["no-new-privileges:true"]:
            yield f"{name}: may gain privileges"
        if name in OWN_SERVICES:
            if service.get("read_only") is not True or service.get("tmpfs") != WRITABLE:
                yield f"{name}: may write beyond /tmp"
        elif not re.search(r":\d+\.\d+$", service["image"]):
            yield f"{name}: {service['image']} is not pinned to a minor version"
        elif service.get("user") in {None, "root", "0", "0:0"}:
            yield f"{name}: runs as root"


def way_in_faults(services: dict[str, Any]) -> Iterator[str]:
    """Yield why a client could get past the proxy, or do harm in it."""
    if services[PROXY].get("read_only") is not True:
        yield f"{PROXY}: may write beyond its temporary folders"
    for name, service in services.items():
        published = [port.rsplit(":", 1)[0] for port in service.get("ports", [])]
        if any(not address.startswith("127.0.0.1:") for address in published):
            yield f"{name}: is published beyond this machine"
        if published and name != PROXY:
            yield f"{name}: can be reached without {PROXY}"


def environment_faults(project: BakedProject, services: dict[str, Any]) -> Iterator[str]:
    """Yield variables that no setting reads, and asked ones that `.env.example` does not explain."""
    known = known_variables(project) | {"DJANGO_SETTINGS_MODULE"}
    for name in sorted(OWN_SERVICES & set(services)):
        given = [line.split("=", 1)[0] for line in services[name]["environment"]]
        yield from (f"{name}: no setting reads {one}" for one in given if one not in known)
    for file in COMPOSE_FILES:
        for asked in re.findall(r"\$\{(\w+)", project.text(file)):
            if asked not in known:
                yield f"{file}: .env.example does not explain {asked}"


def literal_faults(text: str) -> Iterator[str]:
    """Yield lines that hold a password, not the name of a variable that does."""
    for number, line in enumerate(text.splitlines(), 1):
        if HOLDS_A_PASSWORD.search(line.split("#")[0]) and "${" not in line:
            yield f"line {number}: a password has no place in the repository"


def dependency_faults(services: dict[str, Any]) -> Iterator[str]:
    """Yield services that start before what they need."""
    for name, service in services.items():
        for needed, how in service.get("depends_on", {}).items():
            if needed not in services:
                yield f"{name}: needs {needed}, which is not there"
            # The image has a check of its own, which asks the web server.
            elif how["condition"] == "service_healthy" and not (
                needed == "web" or "healthcheck" in services[needed]
            ):
                yield f"{name}: waits for the health of {needed}, which nobody checks"
        if name in OWN_SERVICES - {"migrate"} and "migrate" not in service.get("depends_on", {}):
            yield f"{name}: does not wait for the migrations"
    for line in services["web"]["environment"]:
        led = re.search(r"=\w+://(?:[^@]*@)?([a-z]+)[:/]", line)
        if led and led[1] not in services:
            yield f"web: leads to {led[1]}, which is not there"


def compose_command() -> list[str] | None:
    """Return how to call Docker Compose here, which needs no engine to read files."""
    if program := find_program("docker-compose"):
        return [program]
    if shutil.which("docker"):
        asked = subprocess.run(["docker", "compose", "version"], capture_output=True, check=False)
        if asked.returncode == 0:
            return ["docker", "compose"]
    return None


def composed(project: BakedProject) -> dict[str, Any]:
    """Return the configuration that Docker Compose itself makes of the files and `.env`."""
    command = compose_command()
    assert command, "ask compose_command() first"
    unset = dict.fromkeys(environment_values(project), "")
    done = project.run(
        "env", *(f"--unset={name}" for name in unset), *command, "config", "--format", "json"
    )
    return json.loads(done.stdout)
