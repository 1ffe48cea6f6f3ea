"""Probes are answered before anything else, and name what fails."""

from threading import Event

import pytest
from django.test import Client

from core.health import checks
from tests.e2e.processes import free_port

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", ["/live/", "/ready/", "/healthz/"])
@pytest.mark.parametrize("method", ["get", "head"])
def test_probe_is_answered_for_any_host(client: Client, path: str, method: str) -> None:
    response = getattr(client, method)(path, headers={"host": "10.1.2.3:8000"})

    assert response.status_code == 200
    assert response["Cache-Control"] == "no-store"
    assert response["Content-Type"] == "application/json"


def test_other_methods_are_left_to_the_service(client: Client) -> None:
    assert client.post("/live/").status_code == 404


def test_live_asks_no_server(client: Client, django_assert_num_queries, settings) -> None:
    settings.CACHES = unreachable_cache()

    with django_assert_num_queries(0):
        assert client.get("/live/").json() == {"status": "ok"}


def test_healthz_sums_up(client: Client, settings) -> None:
    settings.RELEASE = "1.2.3"

    body = client.get("/healthz/").json()

    assert (body["status"], body["release"]) == ("ok", "1.2.3")
    assert set(body["checks"]) == {"database", "cache", "broker"}
    assert all(check["status"] == "ok" for check in body["checks"].values())
    assert all(check["milliseconds"] >= 0 for check in body["checks"].values())


def test_ready_names_the_cache_alone(client: Client, settings) -> None:
    settings.CACHES = unreachable_cache()

    response = client.get("/ready/")

    assert response.status_code == 503
    assert response.json() == {"status": "unavailable", "failing": ["cache"]}


def test_healthz_names_the_cache_alone(client: Client, settings) -> None:
    settings.CACHES = unreachable_cache()

    response = client.get("/healthz/")

    assert response.status_code == 503
    checks = response.json()["checks"]
    assert [name for name, check in checks.items() if check["status"] != "ok"] == ["cache"]


def test_cache_that_forgets_is_not_healthy(client: Client, settings) -> None:
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}

    assert client.get("/ready/").json()["failing"] == ["cache"]


def test_ready_names_the_broker_alone(client: Client, unreachable_broker: None) -> None:
    response = client.get("/ready/")

    assert response.status_code == 503
    assert response.json()["failing"] == ["broker"]


def test_server_that_hangs_is_not_waited_for(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    end = Event()
    monkeypatch.setattr(checks, "DEADLINE_SECONDS", 0.2)
    # Alone: on a busy machine the others might take as long.
    monkeypatch.setattr(checks, "CHECKS", {"database": end.wait})

    response = client.get("/ready/")

    end.set()
    assert response.json()["failing"] == ["database"]


def unreachable_cache() -> dict[str, dict[str, str]]:
    backend = "core.cache.redis.RedisCache"
    return {"default": {"BACKEND": backend, "LOCATION": f"redis://127.0.0.1:{free_port()}/0"}}


@pytest.fixture
def unreachable_broker(settings, monkeypatch: pytest.MonkeyPatch) -> None:
    # % if cookiecutter.broker == "redis"
    settings.CELERY_BROKER_URL = f"redis://127.0.0.1:{free_port()}/0"
    # % else
    settings.CELERY_BROKER_URL = f"amqp://guest:guest@127.0.0.1:{free_port()}//"
    # % endif
    # Celery itself looks here first.
    monkeypatch.setenv("CELERY_BROKER_URL", settings.CELERY_BROKER_URL)
