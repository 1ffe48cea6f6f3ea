"""Every guard of a bake bites: a fault is planted, and the command that should see it fails."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.baking import BakedProject, bake


@pytest.fixture(scope="module")
def synced(tmp_path_factory: pytest.TempPathFactory) -> BakedProject:
    """A default bake with its environment, in which every check passes."""
    project = bake({}, tmp_path_factory.mktemp("guards"))
    project.run("uv", "sync", "--quiet")
    project.run("make", "schema")
    project.run("git", "init", "--quiet")
    project.run("git", "add", "--all")
    identity = ("-c", "user.name=Test", "-c", "user.email=test@example.com")
    project.run("git", *identity, "commit", "--quiet", "--message", "The first")
    return project


@pytest.fixture
def project(synced: BakedProject) -> Iterator[BakedProject]:
    """The bake, which is as it was before when a test has ended."""
    sources = {
        synced.path / name: (synced.path / name).read_bytes()
        for name in synced.files
        if (name.startswith("src/") and name.endswith(".py")) or name == "openapi.yaml"
    }
    yield synced
    for path, text in sources.items():
        path.write_bytes(text)


def plant(project: BakedProject, name: str, line: str) -> None:
    """Put ``line`` at the end of the file ``name``."""
    path: Path = project.path / name
    path.write_text(f"{path.read_text('utf-8')}\n{line}\n", "utf-8")


def assert_refused(project: BakedProject, sentence: str, *command: str) -> None:
    """See that ``command`` fails, and says ``sentence``."""
    done = project.run(*command, check=False)
    assert done.returncode != 0
    assert sentence in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("where", "line", "contract"),
    [
        (
            "src/core/records/models.py",
            "from apps.users.models import User",
            "config is above apps, apps are above core BROKEN",
        ),
        (
            "src/apps/users/services/users.py",
            "from config.urls import urlpatterns",
            "config is above apps, apps are above core BROKEN",
        ),
        (
            "src/core/records/models.py",
            "from core.api.permissions import DenyAll",
            "The rooms of core stand on each other in one order BROKEN",
        ),
        (
            "src/apps/users/services/users.py",
            "from apps.users.api.serializers import UserOutput",
            "An app's layers: ways in, writes, reads, data BROKEN",
        ),
        (
            "src/apps/orders/selectors.py",
            "from apps.orders.services import order_place",
            "An app's layers: ways in, writes, reads, data BROKEN",
        ),
        (
            "src/apps/orders/rules.py",
            "from apps.orders.selectors import order_list_visible_to",
            "An app's layers: ways in, writes, reads, data BROKEN",
        ),
        (
            "src/apps/orders/services/orders.py",
            "from apps.users.models import User",
            "An app uses the services, selectors and roles of another, nothing else BROKEN",
        ),
        (
            "src/apps/orders/api/views/orders.py",
            "from apps.users.api.serializers import UserOutput",
            "An app uses the services, selectors and roles of another, nothing else BROKEN",
        ),
        (
            "src/apps/users/services/users.py",
            "from apps.orders.selectors import product_list",
            "No circles between apps, and none within an app or a room BROKEN",
        ),
        (
            "src/core/health/checks.py",
            "from core.health.middleware import live",
            "No circles between apps, and none within an app or a room BROKEN",
        ),
    ],
)
def test_import_against_the_layers_is_refused(
    project: BakedProject, where: str, line: str, contract: str
) -> None:
    plant(project, where, line)

    assert_refused(project, contract, "env", "PYTHONPATH=src", "uv", "run", "lint-imports")


def test_new_room_without_a_place_is_refused(project: BakedProject) -> None:
    room = project.path / "src" / "core" / "cellar.py"
    room.write_text('"""A room that no contract knows."""\n', "utf-8")

    try:
        assert_refused(project, "cellar", "env", "PYTHONPATH=src", "uv", "run", "lint-imports")
    finally:
        room.unlink()


def test_style_fault_is_refused(project: BakedProject) -> None:
    plant(project, "src/apps/users/services/users.py", "import json")

    assert_refused(project, "F401", "make", "lint")


def test_type_fault_is_refused(project: BakedProject) -> None:
    plant(project, "src/apps/users/services/users.py", 'WRONG: int = "text"')

    assert_refused(project, "Incompatible types in assignment", "uv", "run", "mypy")


def test_import_that_no_dependency_declares_is_refused(project: BakedProject) -> None:
    plant(project, "src/apps/users/services/users.py", "import packaging.version")

    assert_refused(project, "DEP003", "uv", "run", "deptry", "src")


SECURITY = ("uv", "run", "--quiet", "--group", "security", "python", "scripts/security.py")
SERVICES = "src/apps/users/services/users.py"


@pytest.mark.parametrize(
    ("check", "line", "sentence"),
    [
        (
            "bandit",
            "import subprocess\nsubprocess.call(input(), shell=True)",
            "B602 subprocess call with shell=True",
        ),
        # Made here, so that this file holds none.
        ("secrets", f'KEY = "AKIA{"IOSFODNN7ABCDEFG"}"', "AWS Access Key"),
        ("suppressions", "import pickle  # nosec B403", "no reason in parentheses: # nosec B403"),
        ("suppressions", 'NAME = "x"  # noqa: S105', "no reason in parentheses: # noqa: S105"),
    ],
)
def test_what_is_not_safe_is_refused(
    project: BakedProject, check: str, line: str, sentence: str
) -> None:
    plant(project, SERVICES, line)

    assert_refused(project, f"{check}: {SERVICES}:", *SECURITY, check)
    assert_refused(project, sentence, *SECURITY, check)


def test_what_is_safe_passes_and_says_what_was_not_audited(project: BakedProject) -> None:
    done = project.run("env", "AUDIT=off", "make", "security-static")

    for check in ("bandit", "secrets", "suppressions"):
        line = rf"^{check} +[1-9]\d+ (files|lines) +0 +[\d.]+$"
        assert re.search(line, done.stdout, re.MULTILINE)
    assert re.search(r"^audit +AUDIT=off: not audited +0 +[\d.]+$", done.stdout, re.MULTILINE)


VULNERABLE = {
    "dependencies": [
        {
            "name": "celery",
            "version": "5.7.0",
            "vulns": [{"id": "PYSEC-2027-1", "fix_versions": ["5.7.1"]}],
        },
        {"name": "django", "version": "5.2.19", "vulns": []},
    ]
}
UNKNOWN = {"dependencies": [{"name": "celery", "skip_reason": "not found"}]}


@pytest.mark.parametrize(
    ("script", "wish", "code", "sentence"),
    [
        (f"print({json.dumps(VULNERABLE)!r})", "", 1, "celery 5.7.0: PYSEC-2027-1, mended in"),
        (f"print({json.dumps(UNKNOWN)!r})", "", 0, "about 1 of 1 packages: not audited"),
        (f"print({json.dumps(UNKNOWN)!r})", "required", 1, "about 1 of 1 packages: not audited"),
        ("raise SystemExit('no route')", "", 0, "could not ask PyPI: not audited (no route)"),
        ("raise SystemExit('no route')", "required", 1, "audit: could not ask PyPI: not audited"),
    ],
)
def test_packages_that_could_not_be_asked_about_are_told_from_vulnerable_ones(
    project: BakedProject, script: str, wish: str, code: int, sentence: str
) -> None:
    """With a stand-in for pip-audit, since nobody knows what PyPI will say."""
    command = (
        "import sys; from scripts import security; "
        f"security.AUDIT = (sys.executable, '-c', {script!r}); sys.exit(security.main(['audit']))"
    )

    done = project.run("env", f"AUDIT={wish}", *SECURITY[:-1], "-c", command, check=False)

    assert done.returncode == code
    assert sentence in done.stdout


def test_setting_that_weakens_production_is_refused(project: BakedProject) -> None:
    plant(project, "src/config/settings/production.py", "SESSION_COOKIE_SECURE = False")

    assert_refused(project, "security.W012", "make", "check-deploy")


def test_model_without_its_migration_is_refused(project: BakedProject) -> None:
    path = project.path / "src" / "apps" / "orders" / "models.py"
    text = path.read_text("utf-8")
    assert "max_length=" in text
    path.write_text(text.replace("max_length=", "max_length=1 + ", 1), "utf-8")

    assert_refused(project, "Migrations for 'orders'", "make", "check-migrations")


def test_view_that_the_schema_cannot_describe_is_refused(project: BakedProject) -> None:
    plant(
        project,
        "src/apps/users/api/urls.py",
        "from rest_framework.views import APIView\n"
        'Bare = type("Bare", (APIView,), {"get": lambda self, request: None})\n'
        'urlpatterns.append(path("bare/", Bare.as_view()))',
    )

    assert_refused(project, "unable to guess serializer", "make", "check-schema")


NEW_ROUTE = """
from apps.users.api.views import CurrentUserView
urlpatterns.append(path("users/self/", CurrentUserView.as_view()))
"""
SCHEMA_TESTS = "ARGS=tests/integration/core/api/test_schema.py --no-cov -k current"


def test_route_that_the_committed_description_does_not_have_is_refused(
    project: BakedProject,
) -> None:
    plant(project, "src/apps/users/api/urls.py", NEW_ROUTE)

    assert_refused(project, "openapi.yaml is not current", "make", "test", SCHEMA_TESTS)

    project.run("make", "schema")
    project.run("make", "test", SCHEMA_TESTS)


def test_change_that_breaks_clients_is_refused_until_it_is_accepted(project: BakedProject) -> None:
    path = project.path / "src" / "apps" / "users" / "api" / "serializers.py"
    text = path.read_text("utf-8")
    assert '"last_name", "roles"' in text
    path.write_text(text.replace('"last_name", "roles"', '"roles"'), "utf-8")
    project.run("make", "schema")

    change = "GET /api/v1/users/me/: answer 200, last_name: the property is gone"
    assert_refused(project, change, "make", "check-schema")

    done = project.run("make", "check-schema", check=False)
    accepted = project.path / "breaking-changes.txt"
    accepted.write_text("".join(f"{line}\n" for line in done.stdout.splitlines() if ": " in line))
    try:
        project.run("make", "check-schema")
    finally:
        accepted.unlink()


def test_tests_that_leave_too_much_out_are_refused(project: BakedProject) -> None:
    assert_refused(
        project,
        "Required test coverage of 90.0% not reached",
        "make",
        "test",
        "ARGS=tests/unit/users",
    )


def test_lock_that_does_not_fit_is_refused(project: BakedProject) -> None:
    path = project.path / "pyproject.toml"
    text = path.read_bytes()
    path.write_bytes(text.replace(b'"whitenoise>=6.12"', b'"whitenoise>=6.12", "packaging"'))

    try:
        assert_refused(project, "needs to be updated", "make", "check-lock")
    finally:
        path.write_bytes(text)


def test_end_to_end_tests_alone_leave_the_database_of_development_alone(
    project: BakedProject,
) -> None:
    # Other commands make it.
    (project.path / "db.sqlite3").unlink(missing_ok=True)
    test = "tests/e2e/test_web.py::test_user_signs_in_and_reads_own_account"
    project.run("uv", "run", "pytest", "--no-cov", test)

    assert not (project.path / "db.sqlite3").exists()
