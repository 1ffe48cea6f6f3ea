"""Secrets that are planted in variables and requests come out of no process.

They stand in no answer, in no log, and in nothing that is reported to Sentry.
"""

import subprocess
import sys
from collections.abc import Iterator
from secrets import token_hex, token_urlsafe
from urllib.parse import urlencode, urlsplit

import pytest

from config.settings import variables
from tests.e2e import tasks
from tests.e2e.http import Answer, Client
from tests.e2e.leaking.sentry import Reports, sentry, tag_of
from tests.e2e.processes import (
    PROJECT_DIR,
    SOURCE_DIR,
    Launcher,
    Process,
    WebServer,
    of_the_machine,
    wait_for,
)
from tests.production import example

FIELD_KEY = token_urlsafe(32)
SENTRY_KEY = token_hex(16)
# Each is long enough for what it is, and none is part of another.
VARIABLES = {
    "SECRET_KEY": token_hex(40),
    "FIELD_ENCRYPTION_KEYS": f"k1:{FIELD_KEY}",
    "SECRET_KEY_FALLBACKS": token_hex(40),
    "METRICS_TOKEN": token_hex(40),
    # % if cookiecutter.auth == "jwt"
    "JWT_SIGNING_KEY": token_hex(40),
    # % endif
}
URLS = {
    # % if cookiecutter.database != "sqlite"
    "DATABASE_URL": token_hex(16),
    # % endif
    "CACHE_URL": token_hex(16),
    "CELERY_BROKER_URL": token_hex(16),
    "EMAIL_URL": token_hex(16),
}
BEARER, COOKIE, PASSWORD, TOKEN = (token_hex(20) for _ in range(4))
# % if cookiecutter.api_keys
API_KEY = f"apikey_{token_hex(6)}_{'Ab1' * 15}{token_hex(2)}"
# % endif
CREDENTIALS = [
    f"Bearer {BEARER}",
    # % if cookiecutter.api_keys
    f"Api-Key {API_KEY}",
    # % endif
]
PLANTED = {
    **VARIABLES,
    **URLS,
    "SENTRY_DSN": SENTRY_KEY,
    "FIELD_ENCRYPTION_KEYS": FIELD_KEY,
    "Authorization": BEARER,
    # % if cookiecutter.api_keys
    "Api-Key": API_KEY,
    # % endif
    "Cookie": COOKIE,
    "password": PASSWORD,
    "token": TOKEN,
}


def seen(*texts: str) -> list[str]:
    """Return the names of the planted secrets that are in one of ``texts``."""
    return [name for name, secret in PLANTED.items() if any(secret in text for text in texts)]


def with_password(url: str, password: str) -> str:
    address = urlsplit(url).netloc.rpartition("@")[2]
    return urlsplit(url)._replace(netloc=f"service:{password}@{address}").geturl()


@pytest.fixture(scope="module")
def reports() -> Iterator[Reports]:
    with sentry(SENTRY_KEY) as reports:
        yield reports


@pytest.fixture(scope="module")
def planted(reports: Reports) -> dict[str, str]:
    """Return the variables of production, with what is planted; only Sentry is there."""
    known = example()
    urls = {name: with_password(known[name], secret) for name, secret in URLS.items()}
    told = {
        "SENTRY_DSN": reports.dsn,
        "SENTRY_ENVIRONMENT": "planted",
        "SENTRY_TRACES_SAMPLE_RATE": "1",
        "RELEASE": "1.2.3",
    }
    return known | VARIABLES | urls | told


@pytest.fixture(scope="module")
def production(
    planted: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Launcher]:
    with Launcher(planted, tmp_path_factory.mktemp("planted")) as launcher:
        yield launcher


@pytest.fixture(scope="module", params=["wsgi", "asgi"])
def leaking(request: pytest.FixtureRequest, production: Launcher) -> WebServer:
    return production.web(
        SERVER_INTERFACE=request.param,
        WEB_CONCURRENCY="1",
        DJANGO_SETTINGS_MODULE="tests.e2e.leaking.settings",
    )


def test_every_variable_that_is_secret_is_planted() -> None:
    secret = {variable.name for variable in variables.VARIABLES if variable.is_secret}

    assert VARIABLES.keys() | URLS.keys() | {"SENTRY_DSN"} == secret


@pytest.mark.parametrize("credentials", CREDENTIALS, ids=lambda text: text.partition(" ")[0])
def test_error_that_nobody_handles_tells_no_secret(leaking: WebServer, credentials: str) -> None:
    client = leaking.client()
    client.cookies["visit"] = COOKIE
    before = leaking.output.count("RuntimeError")

    answer = client.post(
        f"/api/leak/?token={TOKEN}", {"password": PASSWORD}, Authorization=credentials
    )

    assert answer.status_code == 500
    leaking.wait_for(lambda: leaking.output.count("RuntimeError") > before, "the trace")
    assert "'SECRET_KEY': '***'" in leaking.output
    assert seen(answer.text, leaking.output) == []


@pytest.mark.parametrize("credentials", CREDENTIALS, ids=lambda text: text.partition(" ")[0])
def test_report_of_an_error_tells_no_secret(
    leaking: WebServer, reports: Reports, credentials: str
) -> None:
    client = leaking.client()
    client.cookies["visit"] = COOKIE
    ours = [token_hex(8) for _ in range(3)]
    before = len(reports.of("transaction"))
    client.get("/api/nowhere/", **{"X-Request-ID": ours[0]})
    client.get("/api/v1/users/me/", **{"X-Request-ID": ours[1]})

    client.post(
        f"/api/leak/?token={TOKEN}",
        {"password": PASSWORD},
        Authorization=credentials,
        **{"X-Request-ID": ours[2]},
    )

    event = wait_for(lambda: reports.event_of(ours[2]), "the event")
    [error] = event["exception"]["values"]
    assert (error["type"], error["mechanism"]["handled"]) == ("RuntimeError", False)
    assert "'SECRET_KEY': '***'" in error["value"]
    assert "vars" not in error["stacktrace"]["frames"][-1]
    assert (event["release"], event["environment"]) == ("1.2.3", "planted")
    assert event["transaction"] == "/api/leak/"
    assert event["request"]["data"] == ""
    logged = [line["message"] for line in event["breadcrumbs"]["values"]]
    assert any(line.startswith("Asked with ") for line in logged)
    wait_for(lambda: len(reports.of("transaction")) >= before + len(ours), "the times")
    assert seen(*reports.items) == []
    # What is refused is no error: of this process, they would have come before.
    assert [reports.event_of(refused) for refused in ours[:2]] == [None, None]


def test_report_of_tasks_and_commands_tells_no_secret(
    planted: dict[str, str], reports: Reports
) -> None:
    done = subprocess.run(
        [sys.executable, str(SOURCE_DIR / "manage.py"), "leak", PASSWORD, TOKEN, BEARER],
        env={
            **of_the_machine(),
            **planted,
            "PYTHONPATH": str(PROJECT_DIR),
            "DJANGO_SETTINGS_MODULE": "tests.e2e.leaking.settings",
        },
        capture_output=True,
        text=True,
        check=False,
    )

    assert "RuntimeError: " in done.stderr
    # The other one was tried again, and went well in the end.
    [of_the_task] = [event for event in reports.of("event") if tag_of(event, "celery_task_id")]
    assert of_the_task["transaction"] == "tests.e2e.tasks.leak_everything"
    assert tag_of(of_the_task, "request_id") == "leaking"
    [of_the_command] = [
        event
        for event in reports.of("event")
        if event["exception"]["values"][-1]["mechanism"]["type"] == "excepthook"
    ]
    assert "'SECRET_KEY': '***'" in of_the_command["exception"]["values"][-1]["value"]
    assert seen(*reports.items) == []


def test_session_without_a_database_tells_no_secret(leaking: WebServer) -> None:
    client = leaking.client()
    client.cookies["sessionid"] = COOKIE

    answer = client.get("/admin/")

    assert answer.status_code == 500
    assert "Internal Server Error: /admin/" in leaking.output
    assert seen(answer.text, leaking.output) == []


def test_answer_of_a_probe_that_fails_tells_no_secret(leaking: WebServer) -> None:
    answer = leaking.client().get("/healthz/")

    assert answer.status_code == 503
    assert seen(answer.text, leaking.output) == []


def test_refused_caller_sees_no_secret_again(web: WebServer) -> None:
    client = web.client()
    client.cookies["sessionid"] = COOKIE
    form = sign_in_to_the_admin(web.client())
    refused = [
        client.get(f"/api/v1/users/me/?token={TOKEN}", Authorization=credentials)
        for credentials in CREDENTIALS
    ]
    numbers = client.get("/metrics", Authorization=f"Bearer {BEARER}")

    assert form.status_code == 200
    assert [answer.status_code for answer in (*refused, numbers)] == [401] * (len(refused) + 1)
    assert seen(*(answer.text for answer in (form, *refused, numbers)), web.output) == []


def sign_in_to_the_admin(client: Client) -> Answer:
    """Send a form with an address that nobody has, and the cookie of a session that is none."""
    client.headers["Referer"] = f"https://{client.headers['Host']}/"
    client.get("/admin/login/")
    form = {
        "csrfmiddlewaretoken": client.cookies["csrftoken"],
        "username": "nobody@example.com",
        "password": PASSWORD,
        "otp_token": TOKEN,
    }
    client.cookies["sessionid"] = COOKIE
    return client.request(
        "POST",
        "/admin/login/",
        body=urlencode(form).encode(),
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )


def test_worker_without_a_broker_tells_no_secret(production: Launcher) -> None:
    # Some of Django's checks ask the database.
    worker = production.worker(until="Cannot connect to", CELERY_SKIP_CHECKS="true")
    # Other tests would take it for the one that they share.
    worker.kill()

    assert seen(worker.output) == []


def test_task_that_fails_tells_no_secret(
    worker: Process, service_environment: dict[str, str]
) -> None:
    tasks.leak_everything.delay({"password": PASSWORD, "token": TOKEN}, f"Bearer {BEARER}")

    worker.wait_until_printed("RuntimeError: ('***'")
    assert seen(worker.output) == []
    assert [
        name for name in VARIABLES if (service_environment.get(name) or "unset") in worker.output
    ] == []


@pytest.mark.parametrize("name", URLS)
def test_address_that_is_refused_tells_no_secret(planted: dict[str, str], name: str) -> None:
    broken = f"nothing://service:{URLS[name]}@server.invalid:port/service"

    done = subprocess.run(
        [sys.executable, str(SOURCE_DIR / "manage.py"), "check"],
        env=of_the_machine() | planted | {name: broken},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode != 0
    assert name in done.stderr
    assert seen(done.stdout, done.stderr) == []
