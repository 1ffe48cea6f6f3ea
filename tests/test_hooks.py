"""A bake keeps what was chosen and nothing else, and is ready to start."""

import base64
import json
import os
import stat
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from dotenv import dotenv_values

from tests.baking import SERVICE, BakedProject, bake, copy_template, hook, run_cookiecutter
from tests.test_questions import QUESTIONS, answered
from tools.combinations import impossible_parts, is_possible, rows

POST_GEN = hook("post_gen_project")
ROWS = rows()
PATHS = list(POST_GEN.chosen(answered()))
DJANGO_SECRET_LENGTH = 50

ALTERNATIVES = [
    (question, answer)
    for question, value in QUESTIONS.items()
    for answer in (value[1:] if isinstance(value, list) else [not value])
    if isinstance(value, list | bool)
]
OTHER_TEXTS = [
    ("project_name", "Another Name"),
    ("project_slug", "another_slug"),
    ("description", "Another description"),
    ("author_name", "Another Author"),
    ("author_email", "another@example.com"),
    ("domain_name", "another.example"),
]


@pytest.mark.parametrize("path", PATHS)
def test_every_path_of_the_table_is_in_the_template(path):
    assert (SERVICE / path).exists()


@pytest.mark.parametrize("path", PATHS)
def test_every_path_of_the_table_is_in_some_bakes_and_not_in_others(path):
    assert {POST_GEN.chosen(row.answers)[path] for row in ROWS} == {True, False}


@pytest.mark.parametrize("row", ROWS[:6], ids=lambda row: row.name)
def test_a_bake_has_the_paths_that_were_chosen_and_no_others(row, bake_of):
    project = bake_of(row)
    table = POST_GEN.chosen(row.answers)
    # A path stays only where those it lies in stay.
    expected = [
        path for path in table if all(table[up] for up in table if f"{path}/".startswith(f"{up}/"))
    ]
    # The seed becomes uv.lock.
    in_bake = [path for path in expected if not path.startswith("locks/")]
    assert [path for path in table if project.has_file(path)] == in_bake
    assert project.has_file("uv.lock")


def difference(one: BakedProject, other: BakedProject) -> set[str]:
    """Return the paths at which two bakes differ, secrets aside."""
    names = {*one.files, *other.files} - {".env"}
    return {
        name
        for name in names
        if not (one.has_file(name) and other.has_file(name))
        or (one.path / name).read_bytes() != (other.path / name).read_bytes()
    }


@pytest.mark.parametrize(("question", "answer"), [*ALTERNATIVES, *OTHER_TEXTS])
def test_every_answer_has_an_effect(question, answer, default_bake, into):
    assert is_possible({question: answer}, impossible_parts())
    assert difference(bake({question: answer}, into, lock=False), default_bake)


def test_every_question_was_answered_otherwise():
    assert {question for question, _ in [*ALTERNATIVES, *OTHER_TEXTS]} == set(QUESTIONS)


def test_the_next_two_commands_are_printed_and_nothing_else(into):
    done = run_cookiecutter(into, "--no-input")
    *advice, first, second = done.stdout.splitlines()
    assert (first, second) == ("cd my_service && make dev", "make test")
    # Without uv, as here, one line says so.
    assert advice == ["Run `make lock`: uv.lock does not fit pyproject.toml yet (uv was not found)"]
    assert done.stderr == ""


def test_the_command_to_enter_works_from_elsewhere(into, tmp_path):
    elsewhere = tmp_path / "else where"
    elsewhere.mkdir()
    done = run_cookiecutter(
        elsewhere, "--no-input", "--output-dir", str(into), environment={"PWD": str(elsewhere)}
    )
    command = done.stdout.splitlines()[-2].removesuffix(" && make dev")
    entered = subprocess.run(
        ["sh", "-c", f"{command} && pwd"], cwd=elsewhere, capture_output=True, text=True, check=True
    )
    assert Path(entered.stdout.strip()) == into / "my_service"


@pytest.mark.parametrize("auth", QUESTIONS["auth"])
def test_env_is_read_alike_by_all_who_read_it(auth, into):
    project = bake({"auth": auth, "broker": "rabbitmq"}, into, lock=False)
    values = dotenv_values(project.path / ".env", interpolate=False)
    assert values
    script = 'set -a; . ./.env; exec "$0" -c "import json, os; print(json.dumps({**os.environ}))"'
    in_shell = json.loads(project.run("sh", "-c", script, sys.executable).stdout)
    assert {name: in_shell[name] for name in values} == values


def test_env_holds_secrets_for_nobody_else(into, default_bake):
    assert stat.S_IMODE((default_bake.path / ".env").stat().st_mode) == 0o600
    values = dotenv_values(default_bake.path / ".env")
    others = dotenv_values(bake({}, into, lock=False).path / ".env")
    empty = [name for name, value in dotenv_values(SERVICE / ".env.example").items() if not value]
    secrets = {name: value for name, value in values.items() if name in empty}
    assert set(secrets) == {
        "SECRET_KEY",
        "FIELD_ENCRYPTION_KEYS",
        "JWT_SIGNING_KEY",
        "DATABASE_PASSWORD",
    }
    name, _, field_key = secrets["FIELD_ENCRYPTION_KEYS"].partition(":")
    assert (name, len(base64.urlsafe_b64decode(field_key + "="))) == ("k1", 32)
    others_are_long = {**secrets, "FIELD_ENCRYPTION_KEYS": secrets["SECRET_KEY"]}
    assert min(map(len, others_are_long.values())) >= DJANGO_SECRET_LENGTH
    assert len(set(secrets.values())) == len(secrets)
    assert not [name for name in secrets if others[name] == secrets[name]]


def test_git_takes_the_example_and_no_secrets(into):
    project = bake({}, into, lock=False)
    project.run("git", "init", "--quiet")
    project.run("git", "add", "--all")
    tracked = project.run("git", "ls-files").stdout.splitlines()
    assert tracked == [name for name in project.files if name != ".env" and name[:5] != ".git/"]


def test_env_can_be_written_for_a_fresh_clone_and_is_not_written_twice(into):
    project = bake({}, into, lock=False)
    before = project.text(".env")
    refused = project.run(sys.executable, "scripts/write_env.py", check=False)
    assert (refused.returncode, project.text(".env")) == (1, before)
    assert refused.stderr.startswith(".env exists and stays as it is.")
    (project.path / ".env").unlink()
    project.run(sys.executable, "scripts/write_env.py")
    assert project.text(".env") != before


class TestWritingOver:
    """What somebody did in a project is there after it has been baked again."""

    @pytest.fixture
    def project(self, into) -> BakedProject:
        return bake({}, into, lock=False)

    def test_secrets_and_locked_versions_stay(self, project, into):
        (project.path / "uv.lock").write_text("version = 1\n", "utf-8")
        before = project.text(".env")
        bake({}, into, lock=False, overwrite=True)
        assert (project.text(".env"), project.text("uv.lock")) == (before, "version = 1\n")

    def test_own_files_stay_where_an_option_is_given_up(self, project, into, capfd):
        own = project.path / "src/apps/orders/own.py"
        own.write_text("OWN = 1\n", "utf-8")
        bake({"example_app": False}, into, lock=False, overwrite=True)
        left = [name for name in project.files if name.startswith("src/apps/orders")]
        assert left == ["src/apps/orders/own.py"]
        assert "src/apps/orders/own.py" in capfd.readouterr().out

    def test_nothing_else_is_left_of_an_option_that_is_given_up(self, project, into, tmp_path):
        answers = {"example_app": False, "kubernetes": "none"}
        bake(answers, into, lock=False, overwrite=True)
        fresh = bake(answers, tmp_path / "fresh", lock=False)
        assert project.files == fresh.files


class TestLock:
    """The lock holds the versions that were tested, with and without uv."""

    @staticmethod
    def packages(lock: Path) -> dict[str, str]:
        """Return the version of each package in a lock."""
        table = tomllib.loads(lock.read_text("utf-8"))
        return {package["name"]: package["version"] for package in table["package"]}

    @pytest.fixture
    def seed(self) -> dict[str, str]:
        return self.packages(SERVICE / "locks" / "django-5.2.lock")

    def test_the_lock_fits_and_holds_versions_of_the_seed_only(self, seed, into):
        project = bake({}, into)
        project.run("uv", "lock", "--check")
        packages = self.packages(project.path / "uv.lock")
        assert packages.pop("my-service") == seed.pop("seed")
        assert packages.items() < seed.items()
        assert not project.has_file("locks")

    def test_without_uv_the_seed_waits_for_uv_to_prune_it(self, seed, into):
        project = bake({}, into / "without", lock=False)
        assert len(self.packages(project.path / "uv.lock")) == len(seed)
        project.run("uv", "lock")
        assert project.text("uv.lock") == bake({}, into / "with").text("uv.lock")

    @pytest.mark.parametrize(
        ("script", "reason"),
        [
            ("echo 'error: no way' >&2; echo more >&2; exit 2", "error: no way"),
            ("exit 3", "uv ended with 3"),
            ("echo half > uv.lock; exit 2", "uv ended with 2"),
        ],
    )
    def test_a_uv_that_fails_costs_one_line(self, seed, into, tmp_path, script, reason):
        uv = tmp_path / "bin" / "uv"
        uv.parent.mkdir()
        uv.write_text(f"#!/bin/sh\n{script}\n", "utf-8")
        uv.chmod(0o755)
        done = run_cookiecutter(into, "--no-input", environment={"PATH": str(uv.parent)})
        assert done.returncode == 0
        assert done.stdout.splitlines()[:-2] == [
            f"Run `make lock`: uv.lock does not fit pyproject.toml yet ({reason})"
        ]
        assert len(self.packages(into / "my_service" / "uv.lock")) == len(seed)

    def test_a_uv_that_hangs_is_given_up(self, tmp_path, monkeypatch):
        uv = tmp_path / "uv"
        uv.write_text("#!/bin/sh\nexec /bin/sleep 600\n", "utf-8")
        uv.chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path))
        monkeypatch.setattr(POST_GEN, "LOCK_TIMEOUT_SECONDS", 0.1)
        assert POST_GEN.run_uv_lock(tmp_path) == "uv did not end within 0.1 s"


def test_a_bake_survives_when_nobody_reads_what_it_prints(into):
    reading, writing = os.pipe()
    os.close(reading)
    done = run_cookiecutter(into, "--no-input", stdout=writing)
    os.close(writing)
    assert done.returncode == 0
    assert BakedProject(into / "my_service").has_file(".env")


def test_a_bake_survives_when_an_extra_cannot_be_written(into, tmp_path):
    """An example of settings that is no text stands for whatever nobody thought of."""
    template = copy_template(tmp_path / "template")
    (template / SERVICE.name / ".env.example").write_bytes(b"\xff")
    done = run_cookiecutter(into, "--no-input", template=template)
    assert done.returncode == 0
    assert done.stdout.startswith(".env could not be written: ")


def test_caches_in_the_template_are_no_part_of_a_bake(into, tmp_path, default_bake):
    template = copy_template(tmp_path / "template")
    for name in ("src/__pycache__/x.pyc", "src/apps/__pycache__/x.pyc", ".ruff_cache/0.1/x"):
        leaving = template / SERVICE.name / name
        leaving.parent.mkdir(parents=True, exist_ok=True)
        leaving.write_bytes(b"{{ \xff")
    done = run_cookiecutter(into, "--no-input", template=template)
    assert done.returncode == 0
    assert BakedProject(into / "my_service").files == default_bake.files


GUARD = """
import os, sys

def guard(event, arguments):
    alien = event == "subprocess.Popen" and arguments[0] != sys.executable
    if alien or event in ("socket.connect", "socket.getaddrinfo", "os.system", "os.posix_spawn"):
        print("guard:", event, arguments, file=sys.stderr, flush=True)
        os._exit(97)

sys.addaudithook(guard)
"""


@pytest.fixture
def guarded(tmp_path) -> dict[str, str]:
    """An environment in which a Python that wants the network or another program ends at once."""
    (tmp_path / "guard").mkdir()
    (tmp_path / "guard" / "sitecustomize.py").write_text(GUARD, "utf-8")
    return {"PYTHONPATH": str(tmp_path / "guard")}


@pytest.mark.parametrize(
    "code",
    [
        "import socket; socket.create_connection(('127.0.0.1', 9))",
        "import urllib.request; urllib.request.urlopen('http://localhost:9')",
        "import subprocess; subprocess.run(['git', '--version'])",
        "import os; os.system('true')",
    ],
)
def test_the_guard_bites(guarded, code):
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **guarded},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 97


def test_a_bake_needs_no_network_and_no_other_program(guarded, into):
    done = run_cookiecutter(into, "--no-input", environment=guarded)
    assert (done.returncode, done.stderr) == (0, "")
