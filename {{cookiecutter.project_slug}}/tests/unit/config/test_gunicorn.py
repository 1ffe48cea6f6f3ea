"""gunicorn.conf.py reads the environment, and refuses what makes no sense."""

import runpy
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

CONFIGURATION = settings.SOURCE_DIR / "config" / "gunicorn.conf.py"
VARIABLES = (
    "HOST",
    "PORT",
    "SERVER_INTERFACE",
    "WEB_CONCURRENCY",
    "WEB_THREADS",
    "GRACEFUL_TIMEOUT_SECONDS",
)


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


def configuration() -> dict[str, Any]:
    return runpy.run_path(str(CONFIGURATION))


def test_defaults_serve_wsgi_with_threads() -> None:
    config = configuration()

    assert config["wsgi_app"] == "config.wsgi:application"
    assert config["worker_class"] == "gthread"
    assert (config["workers"], config["threads"]) == (2, 4)
    assert config["bind"] == "0.0.0.0:8000"
    assert config["graceful_timeout"] == 30
    assert config["forwarded_allow_ips"] == ""
    assert Path(config["chdir"]) == settings.SOURCE_DIR


def test_environment_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERVER_INTERFACE", "asgi")
    monkeypatch.setenv("HOST", "127.0.0.1")
    monkeypatch.setenv("PORT", "9000")
    monkeypatch.setenv("WEB_CONCURRENCY", "3")
    monkeypatch.setenv("WEB_THREADS", "8")
    monkeypatch.setenv("GRACEFUL_TIMEOUT_SECONDS", "5")

    config = configuration()

    assert config["wsgi_app"] == "config.asgi:application"
    assert config["worker_class"] == "uvicorn_worker.UvicornWorker"
    assert (config["workers"], config["threads"]) == (3, 8)
    assert config["bind"] == "127.0.0.1:9000"
    assert config["graceful_timeout"] == 5


@pytest.mark.parametrize("name", VARIABLES)
def test_empty_value_is_none(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    before = configuration()
    monkeypatch.setenv(name, "")

    after = configuration()

    assert all(after[key] == before[key] for key in ("bind", "workers", "threads", "wsgi_app"))


@pytest.mark.parametrize(
    "name", ["PORT", "WEB_CONCURRENCY", "WEB_THREADS", "GRACEFUL_TIMEOUT_SECONDS"]
)
@pytest.mark.parametrize("value", ["0", "-1", "1.5", "many", "²"])
def test_number_that_makes_no_sense_is_refused_in_one_line(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(SystemExit) as refusal:
        configuration()

    assert refusal.value.code == f"{name} is {value!r}. Expected: a whole number from 1 on."


def test_unknown_interface_is_refused_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERVER_INTERFACE", "rsgi")

    with pytest.raises(SystemExit) as refusal:
        configuration()

    assert refusal.value.code == "SERVER_INTERFACE is 'rsgi'. Expected: wsgi or asgi."
