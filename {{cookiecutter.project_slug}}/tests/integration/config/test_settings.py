"""Each program starts with the settings that are meant for it, or says what is missing."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config.settings.variables import VARIABLES
from tests.integration.config.conftest import Completed
from tests.production import example

REQUIRED = [variable.name for variable in VARIABLES if not variable.is_optional]
SECRET = "s3cret-that-nobody-may-see"
# One process tries all three: starting one takes as long as all the rest.
START_SERVERS = """
import importlib, os
for module in "celery", "wsgi", "asgi":
    os.environ.pop("DJANGO_SETTINGS_MODULE", None)
    try:
        importlib.import_module(f"config.{module}").app.finalize()
    except Exception as error:
        print(error, end="END\\n")
"""
PRINT_SETTINGS = "from django.conf import settings; print(settings.SETTINGS_MODULE)"

Run = Callable[..., Completed]


def test_servers_start_in_production_and_name_all_that_is_missing(run: Run) -> None:
    done = run("-c", START_SERVERS, variables={})

    *messages, nothing = done.stdout.split("END\n")
    assert (len(messages), nothing) == (3, ""), done.stderr
    for message in messages:
        for name in REQUIRED:
            assert f"- {name} is missing." in message


def test_production_reads_secrets_from_files(run: Run, tmp_path: Path) -> None:
    variables = example()
    names = ("SECRET_KEY", "FIELD_ENCRYPTION_KEYS")
    for name in names:
        file = tmp_path / name
        file.write_text(variables.pop(name) + "\n")
        variables[f"{name}_FILE"] = str(file)
    variables["SECRET_KEY_FALLBACKS"] = "a-former-key" * 5
    read = (*names, "SECRET_KEY_FALLBACKS")
    command = f"from django.conf import settings as s; print([getattr(s, name) for name in {read}])"

    done = run("manage.py", "shell", "-v0", "-c", command, variables=variables)

    key, field_key = (example()[name] for name in names)
    assert done.stdout == f"{[key, [field_key], ['a-former-key' * 5]]}\n", done.stderr


def test_production_prints_no_value(run: Run) -> None:
    malformed = f"http://user:{SECRET}@{SECRET}.example.com:{SECRET}"
    variables = example() | dict.fromkeys(REQUIRED, malformed)

    done = run("manage.py", "check", variables=variables)

    assert done.returncode == 1
    assert "- DATABASE_URL " in done.stderr
    assert SECRET not in done.stderr + done.stdout


def test_production_does_not_read_the_file_of_developers(run: Run, env_file: Path) -> None:
    env_file.write_text("SECRET_KEY=from-the-file\n")

    done = run("manage.py", "check", "--settings", "config.settings.production", variables={})

    assert "- SECRET_KEY is missing." in done.stderr


def test_gunicorn_refuses_a_port_that_is_none_in_one_line(run: Run) -> None:
    configuration = str(Path("config", "gunicorn.conf.py"))

    done = run("-m", "gunicorn", "--config", configuration, variables={"PORT": "http"})

    assert done.returncode == 1
    assert done.stderr == "PORT is 'http'. Expected: a whole number from 1 on.\n"


def test_manage_starts_in_development_with_nothing_set(run: Run) -> None:
    done = run("-W", "error", "manage.py", "shell", "-v0", "-c", PRINT_SETTINGS, variables={})

    assert done.stdout == "config.settings.development\n", done.stderr


def test_development_reads_its_file_and_the_environment_wins(run: Run, env_file: Path) -> None:
    env_file.write_text("RELEASE=from-the-file\nDEFAULT_FROM_EMAIL=file@example.com\n")
    command = "from django.conf import settings as s; print(s.RELEASE, s.DEFAULT_FROM_EMAIL)"

    done = run("manage.py", "shell", "-v0", "-c", command, variables={"RELEASE": "1.2.3"})

    assert done.stdout == "1.2.3 file@example.com\n", done.stderr


@pytest.fixture
def env_file(project: Path) -> Iterator[Path]:
    """Return the path of .env, which is removed at the end."""
    path = project / ".env"
    yield path
    path.unlink()
