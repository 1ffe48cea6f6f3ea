"""`make` works on a machine that has nothing but Python, and runs what it says."""

import base64
import hashlib
import io
import os
import platform
import re
import shutil
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.baking import SERVICE, TEMPLATE

TIMEOUT_SECONDS = 60
BRING_UV = SERVICE / "scripts" / "bring_uv.py"
VERSION = re.search(r'^VERSION = "(.+)"$', BRING_UV.read_text("utf-8"), re.MULTILINE)[1]

# Stands for uv: writes down how it was called.
FAKE_UV = """#!/bin/sh
[ "$1" = --version ] && exit 0
printf '%s\\n' "$DJANGO_SETTINGS_MODULE: $*" >> "$CALLS"
"""
TARGETS = {
    "template": {
        "help",
        "demo",
        "test",
        "lint",
        "matrix",
        "bench",
        "bake",
        "lock",
        "seeds",
        "screenshot",
    },
    "service": {
        "help",
        "dev",
        "test",
        "race",
        "contract",
        "drill",
        "schema",
        "lint",
        "security",
        "check",
        "manage",
        "worker",
        "beat",
        "lock",
    }
    | {"up", "down"},
}


class Index:
    """A package index on this machine that has one wheel of uv.

    ``digest`` is the sha256 that it announces, ``None`` for none.
    """

    def __init__(self) -> None:
        library = "manylinux_2_17" if platform.libc_ver()[0] == "glibc" else "musllinux_1_1"
        self.wheel_name = f"uv-{VERSION}-py3-none-{library}_{platform.machine()}.whl"
        self.wheel = wheel_of(FAKE_UV)
        self.digest: str | None = hashlib.sha256(self.wheel).hexdigest()
        self.authorizations: list[str | None] = []
        index = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                index.authorizations.append(self.headers["Authorization"])
                answer = index.answer(self.path)
                self.send_response(404 if answer is None else 200)
                self.end_headers()
                self.wfile.write(answer or b"")

            def log_message(self, *_: object) -> None:
                """Keep the test's output quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"127.0.0.1:{self.server.server_port}"

    def answer(self, path: str) -> bytes | None:
        fragment = "" if self.digest is None else f"#sha256={self.digest}"
        page = f"""<a href="/files/uv-0.0.1-py3-none-any.whl#sha256=0">older</a>
            <a href="../../files/{self.wheel_name}{fragment}">{self.wheel_name}</a>"""
        return {
            "/simple/uv/": page.encode(),
            f"/files/{self.wheel_name}": self.wheel,
        }.get(path)


def wheel_of(program: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr(f"uv-{VERSION}.data/scripts/uv", program)
    return content.getvalue()


@pytest.fixture
def index() -> Iterator[Index]:
    index = Index()
    thread = threading.Thread(target=index.server.serve_forever)
    thread.start()
    yield index
    index.server.shutdown()
    thread.join()
    index.server.server_close()


@pytest.fixture
def bare(tmp_path: Path, index: Index) -> dict[str, str]:
    """The environment of a machine without uv, whose Python has neither venv nor pip."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("make", "awk", "sh"):
        (programs / name).symlink_to(shutil.which(name) or name)
    modules = tmp_path / "modules"
    modules.mkdir()
    (modules / "venv.py").write_text('raise SystemExit("ensurepip is not available.")')
    return {
        "PATH": str(programs),
        "PYTHON": sys.executable,
        "PYTHONPATH": str(modules),
        "UV_DEFAULT_INDEX": f"http://{index.address}/simple",
        "CALLS": str(tmp_path / "calls"),
        "no_proxy": "127.0.0.1",
    }


@pytest.fixture(params=["template", "service"])
def project(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A folder with the Makefile of the template or of a bake, and with what that needs."""
    # Nobody promised that a path has no spaces.
    folder = tmp_path / f"a {request.param}"
    if request.param == "template":
        scripts = folder / SERVICE.name / "scripts"
        shutil.copytree(SERVICE / "scripts", scripts)
        shutil.copy(TEMPLATE / "Makefile", folder)
    else:
        shutil.copytree(SERVICE / "scripts", folder / "scripts")
        shutil.copy(SERVICE / "Makefile", folder)
        shutil.copy(SERVICE / ".env.example", folder)
    return folder


def run(*command: str, cwd: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
        check=False,
    )


def bring(folder: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return run(sys.executable, str(BRING_UV), ".uv", cwd=folder, environment=environment)


# The commands


def test_make_alone_lists_every_command_and_needs_no_uv(project, bare):
    done = run("make", cwd=project, environment=bare)

    assert done.returncode == 0, done.stderr
    listed = set(re.findall(r"^  make ([a-z]+) +\S", done.stdout, re.MULTILINE))
    assert listed == TARGETS[project.name.removeprefix("a ")]
    assert not (project / ".uv").exists()


def test_make_fetches_uv_once_and_uses_it(project, bare):
    first = run("make", "lock", cwd=project, environment=bare)
    second = run("make", "lock", "ARGS=--upgrade", cwd=project, environment=bare)

    assert first.returncode == 0, first.stderr
    assert second.returncode == 0, second.stderr
    assert "fetching uv" in first.stderr
    assert second.stderr == ""
    calls = [line.partition(": ")[2] for line in Path(bare["CALLS"]).read_text().splitlines()]
    assert calls == ["lock", "lock --upgrade"]


def test_make_takes_the_uv_that_is_there(project, bare, tmp_path):
    uv = tmp_path / "bin" / "uv"
    uv.write_text(FAKE_UV)
    uv.chmod(0o755)

    done = run("make", "lock", cwd=project, environment=bare)

    assert done.returncode == 0, done.stderr
    assert not (project / ".uv").exists()


def test_make_fetches_uv_where_the_one_on_path_does_not_run(project, bare, tmp_path):
    """Such as pyenv's shim of a version without uv."""
    shim = tmp_path / "bin" / "uv"
    shim.write_text("#!/bin/sh\nexit 127\n")
    shim.chmod(0o755)

    done = run("make", "lock", cwd=project, environment=bare)

    assert done.returncode == 0, done.stderr
    assert (project / ".uv" / "bin" / "uv").is_file()


@pytest.mark.parametrize("project", ["service"], indirect=True)
@pytest.mark.parametrize(
    "surroundings", [{}, {"MAKEFLAGS": "-j8"}, {"LC_ALL": "tr_TR.ISO-8859-9"}], ids=str
)
def test_check_runs_all_that_pipelines_run_in_order(project, bare, surroundings):
    done = run("make", "check", cwd=project, environment=bare | surroundings)

    assert done.returncode == 0, done.stderr
    development, production, test = (
        f"config.settings.{name}" for name in ("development", "production", "test")
    )
    deploy = (
        "python src/manage.py shell --command from django.core.management import call_command; "
        "call_command('check', deploy=True, fail_level='WARNING', databases=[])"
    )
    spectacular = "src/manage.py spectacular --skip-checks --validate --fail-on-warn"
    assert Path(bare["CALLS"]).read_text().splitlines() == [
        f"{development}: lock --check",
        f"{development}: run ruff check .",
        f"{development}: run ruff format --check .",
        f"{development}: run mypy src",
        f"{development}: run lint-imports",
        f"{development}: run deptry src",
        f"{development}: run --group security python scripts/security.py",
        f"{production}: run --env-file tests/production.env {deploy}",
        f"{test}: run python src/manage.py makemigrations --check --dry-run",
        f"{test}: run python {spectacular} --file openapi.yaml",
        f"{test}: run python src/manage.py event_schemas --file events.json",
        f"{test}: run python {spectacular} --file /dev/null",
        f"{test}: run python -m scripts.breaking_events",
        f"{test}: run python scripts/breaking_changes.py",
        f"{test}: run pytest --cov=src",
    ]


@pytest.mark.parametrize("project", ["service"], indirect=True)
def test_race_is_run_as_often_as_asked_for(project, bare):
    done = run("make", "race", "TIMES=3", cwd=project, environment=bare)

    assert done.returncode == 0, done.stderr
    call = "config.settings.test: run pytest --quiet -m race"
    assert Path(bare["CALLS"]).read_text().splitlines() == [call] * 3


@pytest.mark.parametrize("project", ["service"], indirect=True)
def test_description_of_the_api_is_written_where_there_is_none(project, bare):
    first = run("make", "test", cwd=project, environment=bare)
    (project / "openapi.yaml").touch()
    second = run("make", "test", cwd=project, environment=bare)

    assert "wrote openapi.yaml: commit it" in first.stdout
    assert "openapi.yaml" not in second.stdout


@pytest.mark.parametrize("project", ["service"], indirect=True)
@pytest.mark.parametrize("target", ["test", "check-schema"])
def test_pipeline_refuses_to_write_the_description_of_the_api(project, bare, target):
    done = run("make", target, cwd=project, environment={**bare, "CI": "true"})

    assert done.returncode != 0
    assert "openapi.yaml is missing: run 'make schema' and commit it." in done.stderr
    calls = Path(bare["CALLS"])
    assert not calls.exists() or "spectacular" not in calls.read_text()


@pytest.mark.parametrize("project", ["service"], indirect=True)
def test_dev_prepares_and_serves_on_the_port_that_was_asked_for(project, bare):
    done = run("make", "dev", "PORT=8123", cwd=project, environment=bare)

    assert done.returncode == 0, done.stderr
    calls = [line.partition(": ")[2] for line in Path(bare["CALLS"]).read_text().splitlines()]
    assert calls == [
        "run python src/manage.py spectacular --skip-checks --validate --fail-on-warn --file openapi.yaml",
        "run python src/manage.py event_schemas --file events.json",
        "sync",
        "run python src/manage.py migrate",
        "run python src/manage.py seed_demo",
        "run python src/manage.py runserver 8123",
    ]
    assert (project / ".env").is_file()


# How uv is brought


def test_uv_is_fetched_with_the_standard_library_where_venv_is_missing(tmp_path, bare):
    done = bring(tmp_path, bare)

    assert done.returncode == 0, done.stderr
    assert "ensurepip is not available." in done.stderr
    assert (tmp_path / ".uv" / "bin" / "uv").read_text() == FAKE_UV
    assert os.access(tmp_path / ".uv" / "bin" / "uv", os.X_OK)


def test_wheel_with_other_bytes_than_announced_is_refused(tmp_path, bare, index):
    index.wheel = wheel_of("something else")

    done = bring(tmp_path, bare)

    assert done.returncode == 1
    assert f"{index.wheel_name} does not have the announced sha256." in done.stderr
    assert not (tmp_path / ".uv").exists()


def test_wheel_without_a_digest_is_refused(tmp_path, bare, index):
    index.digest = None

    done = bring(tmp_path, bare)

    assert done.returncode == 1
    assert f"names no sha256 for http://{index.address}/files/{index.wheel_name}." in done.stderr


def test_index_without_a_wheel_for_this_machine_is_named(tmp_path, bare, index):
    index.wheel_name = f"uv-{VERSION}-py3-none-win32.whl"

    done = bring(tmp_path, bare)

    assert done.returncode == 1
    assert f"http://{index.address}/simple/uv/ has no wheel of uv {VERSION}" in done.stderr


def test_index_that_does_not_answer_is_named_with_what_to_do(tmp_path, bare, index):
    bare["UV_DEFAULT_INDEX"] = f"http://{index.address}/elsewhere"

    done = bring(tmp_path, bare)

    assert done.returncode == 1
    assert f"http://{index.address}/elsewhere/uv/ does not answer: HTTP Error 404" in done.stderr
    assert "https://docs.astral.sh/uv/getting-started/installation/" in done.stderr


def test_password_of_the_index_is_sent_and_never_printed(tmp_path, bare, index):
    bare["UV_DEFAULT_INDEX"] = f"http://reader:p%40ss@{index.address}/simple"
    index.digest = "0" * 64

    done = bring(tmp_path, bare)

    expected = base64.b64encode(b"reader:p@ss").decode()
    assert index.authorizations[0] == f"Basic {expected}"
    assert done.returncode == 1
    assert "p%40ss" not in done.stderr
    assert "p@ss" not in done.stderr


def test_pip_index_is_used_where_uv_has_none(tmp_path, bare, index):
    bare["PIP_INDEX_URL"] = bare.pop("UV_DEFAULT_INDEX")

    assert bring(tmp_path, bare).returncode == 0
    assert len(index.authorizations) == 2


def test_python_that_is_too_old_says_what_to_do(tmp_path, bare):
    program = (
        "import runpy, sys; sys.version_info = (3, 10, 4); "
        f"sys.argv = ['bring_uv.py', '.uv']; runpy.run_path({str(BRING_UV)!r}, run_name='__main__')"
    )

    done = run(sys.executable, "-c", program, cwd=tmp_path, environment=bare)

    assert done.returncode == 1
    assert done.stderr == (
        f"Python 3.10.4 at {sys.executable} is too old: 3.11 or later is needed. "
        "Name a newer one with `make PYTHON=/path/to/python3.11 ...`.\n"
    )
