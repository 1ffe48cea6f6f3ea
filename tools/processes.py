"""Child processes with a deadline, in an environment that is not the template's own."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

# What a virtual environment, a `make` above or a shell set up for other projects would change in
# the commands of a bake.
FOREIGN_VARIABLES = {
    "VIRTUAL_ENV",
    "UV_PROJECT_ENVIRONMENT",
    "PYTHONHOME",
    "PYTHONPATH",
    # Each start of Django would compile all that it imports.
    "PYTHONDONTWRITEBYTECODE",
    "ARGS",
    "MAKEFLAGS",
    "MAKELEVEL",
    "MAKEOVERRIDES",
    "MFLAGS",
    "PYTEST_ADDOPTS",
    "PYTEST_CURRENT_TEST",
    "PYTEST_XDIST_WORKER",
    # Nobody has committed a bake yet, as a pipeline expects.
    "CI",
}
# A service reads these; a test says itself which of them are set.
SERVICE_VARIABLES = {
    "DJANGO_SETTINGS_MODULE",
    "SECRET_KEY",
    "FIELD_ENCRYPTION_KEYS",
    "ALLOWED_HOSTS",
    "CSRF_TRUSTED_ORIGINS",
    "CORS_ALLOWED_ORIGINS",
    "TRUSTED_PROXIES",
    "HSTS_SECONDS",
    "HSTS_PRELOAD",
    "DATABASE_URL",
    "CACHE_URL",
    "CELERY_BROKER_URL",
    "EMAIL_URL",
    "DEFAULT_FROM_EMAIL",
    "JWT_SIGNING_KEY",
    "OIDC_ISSUER",
    "OIDC_AUDIENCE",
    "OIDC_JWKS_URL",
    "OIDC_CLIENT_IDS",
    "OIDC_ROLES_CLAIM",
    "OIDC_ROLES_MAPPING",
    "SERVER_INTERFACE",
    "PORT",
    "WEB_CONCURRENCY",
    "WEB_THREADS",
    "GRACEFUL_TIMEOUT_SECONDS",
    "DATABASE_POOL_MAX_SIZE",
    "LOG_LEVEL",
    "SENTRY_DSN",
    "SENTRY_ENVIRONMENT",
    "SENTRY_TRACES_SAMPLE_RATE",
    "RELEASE",
    "ADMIN_PATH",
    "ADMIN_SECOND_FACTOR",
}
STOP_SECONDS = 15

_lock = threading.Lock()
_running: set[subprocess.Popen[bytes]] = set()
_stopping = threading.Event()


def clean_environment(**extra: str) -> dict[str, str]:
    """Return this process's environment without what would leak into a bake, with ``extra``.

    Proxies, certificates, package indexes and the like pass through.
    """
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in FOREIGN_VARIABLES | SERVICE_VARIABLES
    }
    if sys.prefix != sys.base_prefix:
        own_programs = str(Path(sys.prefix) / "bin")
        entries = environment.get("PATH", os.defpath).split(os.pathsep)
        environment["PATH"] = os.pathsep.join(entry for entry in entries if entry != own_programs)
    return environment | extra


def run_logged(
    command: list[str],
    *,
    cwd: Path,
    environment: Mapping[str, str],
    log: Path,
    timeout_seconds: float,
) -> str | None:
    """Run ``command`` with all its output in ``log``; return what went wrong, or ``None``.

    At the deadline, or at ``stop_all``, the command ends with all its children.
    """
    with log.open("ab") as output:
        output.write(f"$ {' '.join(command)}\n".encode())
        output.flush()
        with _lock:
            if _stopping.is_set():
                return "interrupted"
            try:
                process = subprocess.Popen(
                    command,
                    cwd=cwd,
                    env=dict(environment),
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            except OSError as problem:
                output.write(f"{problem}\n".encode())
                return f"cannot start {command[0]}: {problem}"
            _running.add(process)
        try:
            code = process.wait(timeout_seconds)
        except subprocess.TimeoutExpired:
            return f"not done after {timeout_seconds:.0f} s"
        finally:
            stop_group(process)
            with _lock:
                _running.discard(process)
    return f"exit code {code}" if code else None


def stop_all() -> None:
    """End every command of ``run_logged`` in every thread, and start no other one."""
    with _lock:
        _stopping.set()
        for process in _running:
            _signal_group(process, signal.SIGTERM)


def _signal_group(process: subprocess.Popen[bytes], sign: signal.Signals) -> bool:
    """Send ``sign`` to the group that ``process`` leads; return whether there still is one."""
    try:
        os.killpg(process.pid, sign)
    except ProcessLookupError:
        return False
    return True


def stop_group(process: subprocess.Popen[bytes]) -> None:
    """End ``process``, which leads a session of its own, and whatever it started."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        if not _signal_group(process, sign):
            break
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            continue
    process.wait()


def tail(log: Path, lines: int) -> str:
    """Return the last ``lines`` lines of ``log``, whatever bytes it holds."""
    return "\n".join(log.read_text("utf-8", errors="replace").splitlines()[-lines:])


def pytest_errors(log: Path) -> list[str]:
    """Return the lines of ``log`` in which pytest says what went wrong: they may stand far up."""
    content = log.read_text("utf-8", errors="replace").splitlines()
    return [line for line in content if line.startswith("E  ")]
