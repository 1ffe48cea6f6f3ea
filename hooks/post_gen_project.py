"""Keeps what was chosen, and makes a bake ready to start: secrets, lock file, the next commands.

cookiecutter renders this file as a template and runs it in the finished project, which it deletes
when the exit status is not 0. So an extra that does not work out is one printed line, never a
failure. Standard library only; nothing here needs a network, git, uv or Docker.
"""

import importlib.util
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

Answers = Mapping[str, str | bool]

# Caches of tools that ran in the template's folder. Git ignores them, cookiecutter copies them.
LEAVINGS = frozenset({"__pycache__", ".mypy_cache", ".pytest_cache", ".ruff_cache"})
LOCK_TIMEOUT_SECONDS = 60


def chosen(answers: Answers) -> dict[str, bool]:
    """Return for each path that some bakes do not have whether this one has it."""
    api_keys = answers["api_keys"]
    auth = answers["auth"]
    django_tasks = answers["django_version"] == "6.1"
    events = answers["events"]
    exchange = answers["import_export"]
    orders = answers["example_app"]
    response_format = answers["response_format"]
    row_security = answers["row_level_security"]
    several_pods = answers["database"] != "sqlite"
    return {
        "src/apps/orders": orders,
        "src/apps/orders/events.py": orders and events,
        "src/apps/orders/exchange.py": orders and exchange,
        "tests/e2e/test_dead_letter_drain.py": answers["broker"] == "rabbitmq",
        "tests/e2e/test_dead_letter_queue.py": answers["broker"] == "rabbitmq",
        "tests/e2e/events.py": events,
        "tests/e2e/test_events.py": events,
        "tests/e2e/orders": orders,
        "tests/e2e/orders/test_cut_off.py": orders and answers["database"] != "sqlite",
        "tests/e2e/orders/test_exchange.py": orders and exchange,
        "tests/e2e/orders/test_exchange_cut_off.py": orders
        and exchange
        and answers["database"] != "sqlite",
        "src/core/jobs/redis.py": answers["broker"] == "redis",
        "tests/unit/core/jobs/test_redis.py": answers["broker"] == "redis",
        "tests/integration/core/jobs/test_redis.py": answers["broker"] == "redis",
        "tests/e2e/test_redis.py": answers["broker"] == "redis",
        "tests/drills": several_pods,
        "tests/unit/drills": several_pods,
        "tests/drills/load.py": orders and events and several_pods,
        "tests/drills/test_orders.py": orders and events and several_pods,
        "tests/e2e/exporting.py": exchange,
        "tests/e2e/test_exchange_memory.py": exchange,
        "tests/factories/orders.py": orders,
        "tests/statements.py": orders,
        "tests/integration/orders": orders,
        "tests/integration/orders/test_events.py": orders and events,
        "tests/integration/orders/test_exchange.py": orders and exchange,
        "tests/unit/orders": orders,
        "src/core/events": events,
        "tests/integration/core/events": events,
        "tests/integration/core/events/test_relays_side_by_side.py": events
        and answers["database"] != "sqlite",
        "tests/unit/core/events": events,
        "scripts/breaking_events.py": events,
        "tests/unit/scripts/test_breaking_events.py": events,
        "src/core/django_tasks": django_tasks,
        "tests/e2e/django_tasks.py": django_tasks,
        "tests/e2e/test_django_tasks.py": django_tasks,
        "tests/integration/core/django_tasks": django_tasks,
        "scripts/service_role.sql": row_security,
        "src/config/row_security": row_security,
        "src/core/database/row_security": row_security,
        "src/core/identity/rows.py": row_security,
        "tests/database_role.py": row_security,
        "tests/integration/config/row_security": row_security,
        "tests/integration/core/database/test_connection_pool.py": answers["database"]
        == "postgresql",
        "tests/cuts.py": answers["database"] != "sqlite",
        "tests/lost_answers.py": answers["database"] != "sqlite",
        "tests/integration/core/idempotency/test_cut_off.py": answers["database"] != "sqlite",
        "tests/integration/core/django_tasks/test_cut_off.py": django_tasks
        and answers["database"] != "sqlite",
        "tests/integration/core/jobs/test_effect_cut_off.py": answers["database"] != "sqlite",
        "tests/integration/core/jobs/test_given_up_cut_off.py": answers["database"] != "sqlite",
        "tests/integration/core/encryption/test_rotation_locks.py": several_pods,
        "tests/integration/core/idempotency/test_two_at_once.py": answers["database"] != "sqlite",
        "src/apps/users/events.py": events,
        "src/apps/users/exchange.py": exchange,
        "src/core/exchange": exchange,
        "tests/integration/core/exchange": exchange,
        "tests/integration/users/test_exchange.py": exchange,
        "tests/unit/core/exchange": exchange,
        "src/config/settings/api_keys.py": api_keys,
        "src/core/security/api_keys": api_keys,
        "src/core/security/csp/django_5_2.py": answers["django_version"] == "5.2",
        "src/core/security/csp/django_6_1.py": answers["django_version"] == "6.1",
        "tests/integration/core/security/api_keys": api_keys,
        "src/core/api/formats/envelope": response_format == "envelope",
        "src/core/api/formats/plain": response_format == "plain",
        "tests/unit/core/api/formats/test_envelope.py": response_format == "envelope",
        "tests/unit/core/api/formats/test_plain.py": response_format == "plain",
        "src/apps/users/authentication/accounts": auth != "oidc",
        "src/apps/users/services/accounts": auth != "oidc",
        "src/apps/users/templates/users/mail/accounts": auth != "oidc",
        "src/apps/users/authentication/jwt": auth == "jwt",
        "src/apps/users/authentication/oidc": auth == "oidc",
        "src/apps/users/authentication/session": auth == "session",
        "tests/contract/known/api_keys.py": api_keys,
        "tests/contract/known/accounts.py": auth != "oidc",
        "tests/contract/known/exchange.py": exchange,
        "tests/contract/known/jwt.py": auth == "jwt",
        "tests/contract/known/orders.py": orders,
        "tests/contract/known/session.py": auth == "session",
        "tests/contract/test_accounts.py": auth != "oidc",
        "tests/contract/test_api_keys.py": api_keys,
        "tests/contract/test_sessions.py": auth == "session",
        "tests/contract/test_tokens.py": auth != "session",
        "tests/authentication/jwt.py": auth == "jwt",
        "tests/authentication/oidc.py": auth == "oidc",
        "tests/authentication/oidc_server.py": auth == "oidc",
        "tests/authentication/session.py": auth == "session",
        "tests/e2e/authentication/jwt.py": auth == "jwt",
        "tests/e2e/authentication/oidc.py": auth == "oidc",
        "tests/e2e/authentication/session.py": auth == "session",
        "tests/e2e/test_accounts.py": auth != "oidc",
        "tests/e2e/test_connections.py": answers["database"] != "sqlite",
        "tests/integration/users/accounts": auth != "oidc",
        "tests/integration/users/authentication/test_jwt.py": auth == "jwt",
        "tests/integration/users/authentication/test_jwt_checks.py": auth == "jwt",
        "tests/integration/users/authentication/test_jwt_cookies.py": auth == "jwt",
        "tests/integration/users/authentication/test_jwt_keys.py": auth == "jwt",
        "tests/integration/users/authentication/test_oidc.py": auth == "oidc",
        "tests/integration/users/authentication/test_oidc_erasure.py": auth == "oidc",
        "tests/integration/users/authentication/test_session.py": auth == "session",
        "k8s": answers["kubernetes"] == "kustomize",
        "k8s/base/autoscaler.yaml": several_pods,
        "k8s/base/beat.yaml": several_pods,
        "k8s/base/disruption-budget.yaml": several_pods,
        "k8s/base/media.yaml": several_pods and exchange,
        "k8s/base/migrate.yaml": several_pods,
        "k8s/base/web.yaml": several_pods,
        "k8s/base/worker-bulk.yaml": several_pods,
        "k8s/base/worker-critical.yaml": several_pods,
        "k8s/base/worker-default.yaml": several_pods,
        "k8s/overlays/production/scale.yaml": several_pods,
        "k8s/overlays/staging/scale.yaml": several_pods,
        "k8s/base/single-pod.yaml": not several_pods,
        "k8s/overlays/production/size.yaml": not several_pods,
        "k8s/overlays/staging/size.yaml": not several_pods,
        ".github": answers["ci"] == "github",
        ".gitlab-ci.yml": answers["ci"] == "gitlab",
        "locks/django-5.2.lock": answers["django_version"] == "5.2",
        "locks/django-6.1.lock": answers["django_version"] == "6.1",
    }


def keep_chosen(project: Path, paths: Mapping[str, bool]) -> None:
    """Remove the files of this bake that were not chosen, and the folders that this leaves empty.

    Files older than the bake are somebody's work in a project that is written over: they stay.
    """
    started = take_start(project)
    kept = []
    for path, is_chosen in paths.items():
        if is_chosen:
            continue
        for file in files_at(project / path):
            if file.stat().st_mtime_ns < started:
                kept.append(file.relative_to(project).as_posix())
                continue
            file.unlink()
            remove_empty(file.parent, project)
    if kept:
        say(f"Kept, as they were here before though not chosen now: {', '.join(sorted(kept))}")


def files_at(path: Path) -> list[Path]:
    if path.is_dir():
        return [file for file in path.rglob("*") if not file.is_dir()]
    return [path] if path.exists() else []


def remove_empty(folder: Path, project: Path) -> None:
    """Remove ``folder`` and those above it, up to ``project``, as far as they are empty."""
    while folder != project and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent


def remove_leavings(project: Path) -> None:
    for parent, folders, _files in os.walk(project):
        for name in LEAVINGS.intersection(folders):
            shutil.rmtree(Path(parent, name))
        folders[:] = set(folders) - LEAVINGS - {".git", ".venv"}


def take_start(project: Path) -> int:
    """Return when the bake began to write over a project, in ns; 0 for a project that is new."""
    marker = project / ".bake-started"
    if not marker.exists():
        return 0
    started = marker.stat().st_mtime_ns
    marker.unlink()
    return started


def write_env(project: Path) -> None:
    """Have the project's own script write `.env`; one that exists stays as it is."""
    if not (project / ".env").exists():
        subprocess.run([sys.executable, "scripts/write_env.py"], cwd=project, check=True)


def write_lock(project: Path, answers: Answers) -> None:
    """Write `uv.lock`: the versions that were tested, of the packages that this bake needs.

    The seed holds every option's packages; `uv lock` takes out what is not needed and keeps the
    versions. Where it cannot run, the seed stays: any later uv command does the same to it.
    """
    seed = project / "locks" / f"django-{answers['django_version']}.lock"
    lock = project / "uv.lock"
    if lock.exists():
        # In a project that is written over: it holds versions that somebody works with.
        seed.unlink()
    else:
        named = re.sub(
            r'(?m)^name = "seed"$', f'name = "{answers["__kebab_slug"]}"', seed.read_text("utf-8")
        )
        seed.write_text(named, "utf-8", newline="\n")
        seed.replace(lock)
    remove_empty(seed.parent, project)
    before = lock.read_bytes()
    if problem := run_uv_lock(project):
        lock.write_bytes(before)
        say(f"Run `make lock`: uv.lock does not fit pyproject.toml yet ({problem})")


def run_uv_lock(project: Path) -> str | None:
    """Bring `uv.lock` in line with `pyproject.toml`; return why that did not work out."""
    if uv := shutil.which("uv"):
        command = [uv]
    elif importlib.util.find_spec("uv"):
        command = [sys.executable, "-m", "uv"]
    else:
        return "uv was not found"
    # To bake is no time to wait for a network that is not there, or to install a Python.
    environment = {"UV_HTTP_RETRIES": "0", "UV_PYTHON_DOWNLOADS": "never", **os.environ}
    try:
        done = subprocess.run(
            [*command, "lock", "--quiet"],
            cwd=project,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=LOCK_TIMEOUT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"uv did not end within {LOCK_TIMEOUT_SECONDS} s"
    if done.returncode:
        return next(iter(done.stderr.strip().splitlines()), f"uv ended with {done.returncode}")
    return None


def next_commands(project: Path) -> list[str]:
    """Return what to type next, from where the person's shell stands."""
    folder = project
    shell = os.environ.get("PWD")
    if shell and project.is_relative_to(Path(shell).resolve()):
        folder = project.relative_to(Path(shell).resolve())
    return [f"cd {shlex.quote(str(folder))} && make dev", "make test"]


def say(line: str) -> None:
    """Print ``line``; when nobody listens any more, that is no reason to fail."""
    try:
        print(line, flush=True)
    except OSError:
        # Else Python tries again as it ends, and ends with an error.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def main() -> int:
    if sys.stdout is not None:
        sys.stdout.reconfigure(errors="backslashreplace")
    # tojson writes ASCII, and the apostrophe as an escape: no answer ends this string early.
    answers = json.loads(r"""{{ cookiecutter | tojson }}""")
    project = Path.cwd()
    remove_leavings(project)
    keep_chosen(project, chosen(answers))
    extras = {
        ".env": lambda: write_env(project),
        "uv.lock": lambda: write_lock(project, answers),
    }
    for name, write in extras.items():
        try:
            write()
        except Exception as error:  # noqa: BLE001 (an extra never costs the bake)
            say(f"{name} could not be written: {type(error).__name__}: {error}")
    for command in next_commands(project):
        say(command)
    return 0


if __name__ == "__main__":
    sys.exit(main())
