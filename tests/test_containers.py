"""The Dockerfile and the compose files are sound, hardened, and fit the service that they start.

Not proven here: that the image builds and runs. The pipelines of a bake do that.
"""

from pathlib import Path

import pytest

from tests.baking import Answers, BakedProject, bake
from tests.containers import (
    COMPOSE_FILES,
    OWN_SERVICES,
    compose_command,
    compose_faults,
    composed,
    dockerfile_faults,
)
from tests.programs import missing
from tests.yamls import yaml_faults

# Every pair of a database and a broker; the rest changes one file each.
ROWS: dict[str, Answers] = {
    "defaults": {},
    "postgresql-rabbitmq-session": {"broker": "rabbitmq", "auth": "session"},
    "mysql-redis-oidc": {"database": "mysql", "auth": "oidc", "python_version": "3.12"},
    "mysql-rabbitmq-jwt": {"database": "mysql", "broker": "rabbitmq", "python_version": "3.14"},
    "sqlite-redis-session": {"database": "sqlite", "auth": "session", "python_version": "3.11"},
    "sqlite-rabbitmq-oidc": {"database": "sqlite", "broker": "rabbitmq", "auth": "oidc"},
}


@pytest.mark.parametrize("row", ROWS)
def test_containers_are_sound_in_every_combination(row: str, into: Path) -> None:
    project = bake({"project_slug": "shop_floor", **ROWS[row]}, into, lock=False)

    assert dockerfile_faults(project) == []
    assert yaml_faults(project, *COMPOSE_FILES) == []
    assert compose_faults(project) == []
    if not compose_command():
        missing("docker-compose")
    services = composed(project)["services"]
    assert services.keys() >= OWN_SERVICES
    assert_same_but_for_the_way_in(services)


def assert_same_but_for_the_way_in(services: dict[str, dict[str, object]]) -> None:
    """All processes have one image, one environment and one set of rights."""
    own = {"command", "depends_on", "healthcheck", "ports", "restart", "stop_grace_period"}
    web, *others = (
        {key: value for key, value in services[name].items() if key not in own}
        for name in sorted(OWN_SERVICES, reverse=True)
    )
    assert others == [web] * (len(OWN_SERVICES) - 1)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("\nUSER 10001:10001\n", "\n", "the last stage names no USER"),
        ("\nUSER 10001:10001\n", "\nUSER root\n", "USER root is not numeric, or is root"),
        ("\nUSER 10001:10001\n", "\nUSER 0:0\n", "USER 0:0 is not numeric, or is root"),
        ("\nUSER 10001:10001\n", "\nUSER app\n", "USER app is not numeric, or is root"),
        ("\nENV DJANGO", "\nENV SECRET_KEY=abc\nENV DJANGO", "SECRET_KEY stays in the image"),
        (":${PYTHON_VERSION}-slim-trixie", "", "python is not pinned"),
        ("astral-sh/uv:", "astral-sh/uv:1", "uv is not"),
        ("'/live/'", "'/alive/'", "HEALTHCHECK asks for ['/alive/'], not for /live/"),
        ('["gunicorn", ', '["sh", "-c", "gunicorn", ', "CMD does not start gunicorn"),
        ("\nCMD [", "\nCMD gunicorn\nCMD [", "DL4003"),
        ("\nFROM base\n", "\nFROM base\nRUN apt-get install curl\n", "DL3008"),
    ],
)
def test_a_fault_in_the_dockerfile_is_found(
    old: str, new: str, fault: str, own_bake: BakedProject
) -> None:
    plant(own_bake, "Dockerfile", old, new)

    assert fault in "\n".join(dockerfile_faults(own_bake))


def test_a_context_that_lets_secrets_in_is_found(own_bake: BakedProject) -> None:
    plant(own_bake, ".dockerignore", "!src\n", "!src\n!.env\n")

    (fault,) = dockerfile_faults(own_bake)
    assert "lets ['.env', 'pyproject.toml', 'src', 'uv.lock'] in" in fault


@pytest.mark.parametrize(
    ("line", "secret"),
    [
        ("**/*.sqlite3*\n", "src/db.sqlite3"),
        ("**/.env*\n", "src/.env"),
        ("**/*.pem\n", "src/keys/signing.pem"),
        ("**/*.key\n", "src/keys/tls.key"),
        ("**/secrets\n", "src/secrets/token"),
    ],
)
def test_a_context_that_lets_a_secret_beside_the_code_in_is_found(
    line: str, secret: str, own_bake: BakedProject
) -> None:
    plant(own_bake, ".dockerignore", line, "")

    assert f".dockerignore lets {secret} in" in dockerfile_faults(own_bake)


SERVERS = "docker-compose.servers.yml"


@pytest.mark.parametrize(
    ("file", "old", "new", "fault"),
    [
        ("docker-compose.yml", "read_only: true", "read_olny: true", "read_olny"),
        ("docker-compose.yml", "read_only: true", "read_only: false", "web: may write beyond /tmp"),
        ("docker-compose.yml", "cap_drop:\n    - ALL", "cap_drop: []", "web: keeps capabilities"),
        ("docker-compose.yml", '"127.0.0.1:$', '"$', "proxy: is published beyond this machine"),
        (
            "docker-compose.yml",
            "    depends_on: *after-migration\n\n  # The way in",
            '    depends_on: *after-migration\n    ports: ["127.0.0.1:8001:8000"]\n\n  # The way in',
            "web: can be reached without proxy",
        ),
        ("docker-compose.yml", 'user: "101:101"', 'user: "0:0"', "proxy: runs as root"),
        ("docker-compose.yml", "unprivileged:1.30", "unprivileged", "is not pinned"),
        (
            "docker-compose.yml",
            "    read_only: true\n    tmpfs:\n      # The",
            "    tmpfs:\n      # The",
            "proxy: may write beyond its temporary folders",
        ),
        ("docker-compose.yml", "redis://redis:", "redis://rdeis:", "web: leads to rdeis"),
        ("docker-compose.yml", "PORT=8000", "PROT=8000", "web: no setting reads PROT"),
        ("docker-compose.yml", "--queues=critical", "--queues=default", "the workers work on"),
        (
            "docker-compose.yml",
            "  migrate:\n    condition",
            "  web:\n    condition",
            "not wait for",
        ),
        ("docker-compose.yml", ":${DATABASE_PASSWORD:?}@", ":hunter2@", "a password has no place"),
        (SERVERS, "PASSWORD=${DATABASE_PASSWORD:?}", "PASSWORD=hunter2", "a password has no place"),
        (SERVERS, "${DATABASE_PASSWORD:?}", "${DB_PASSWORD:?}", "does not explain DB_PASSWORD"),
        (SERVERS, "redis:8.6", "redis:latest", "redis: redis:latest is not pinned"),
        (SERVERS, "    user: redis\n", "", "redis: runs as root"),
        (SERVERS, "healthcheck:", "x-healthcheck:", "waits for the health of postgresql"),
    ],
)
def test_a_fault_in_the_compose_files_is_found(
    file: str, old: str, new: str, fault: str, own_bake: BakedProject
) -> None:
    plant(own_bake, file, old, new)

    assert fault in "\n".join(compose_faults(own_bake))


def plant(project: BakedProject, name: str, old: str, new: str) -> None:
    """Put ``new`` in place of ``old``, which must be there."""
    text = project.text(name)
    assert old in text
    (project.path / name).write_text(text.replace(old, new), "utf-8")
