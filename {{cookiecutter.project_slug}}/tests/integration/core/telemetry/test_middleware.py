"""Metrics are told in Prometheus' formats, to who has the token."""

import logging

import pytest
from django.db import OperationalError, connection
from django.test import Client
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from tests.metrics import AUTHORIZATION, TOKEN, samples

pytestmark = pytest.mark.django_db
METRICS = {
    "dead_letters_open",
    # % if cookiecutter.events
    "events_unhandled",
    "events_oldest_unhandled_age_seconds",
    # % endif
    # % if cookiecutter.api_keys
    "api_keys_expiring",
    # % endif
}
# One for each room that tells something.
QUERIES = len({name.partition("_")[0] for name in METRICS})
# As Prometheus asks.
OPENMETRICS = (
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8,text/plain;version=0.0.4;q=0.5"
)


@pytest.fixture(autouse=True)
def _token(settings) -> None:
    settings.METRICS_TOKENS = [TOKEN]


def get(client: Client, method: str = "get", **headers: str):
    headers = {"authorization": AUTHORIZATION} | headers
    return getattr(client, method)("/metrics", headers=headers)


def test_metrics_are_told_in_the_text_format(client):
    response = get(client, accept="")

    assert response.status_code == 200
    assert response["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert samples(response.content.decode()).keys() == METRICS


def test_metrics_are_told_as_openmetrics(client):
    response = get(client, accept=OPENMETRICS)

    assert response["Content-Type"].startswith("application/openmetrics-text; version=1.0.0;")
    families = text_string_to_metric_families(response.content.decode())
    assert {family.name for family in families} == METRICS


@pytest.mark.parametrize("version", ["one", '"1.0.0"'])
def test_format_of_no_known_version_is_answered_in_the_text_format(client, version):
    response = get(client, accept=f"application/openmetrics-text;version={version}")

    assert response["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"


def test_number_of_queries_is_constant(client, django_assert_num_queries):
    get(client)

    with django_assert_num_queries(QUERIES):
        get(client)


def test_head_has_the_headers_alone(client):
    response = get(client, "head")

    assert (response.status_code, response.content) == (200, b"")


@pytest.mark.parametrize("host", ["10.1.2.3:8000", "[2001:db8::1]:8000", "not a host"])
def test_metrics_are_told_to_any_host_over_plain_http(client, settings, host):
    settings.SECURE_SSL_REDIRECT = True

    response = get(client, host=host)

    assert response.status_code == 200
    assert host not in response.content.decode() + str(response.headers)


@pytest.mark.parametrize(
    "authorization",
    [
        *("", "Bearer", "Bearer ", "Bearer caf\xe9", f"Bearer {TOKEN[:-1]}", f"Bearer {TOKEN}x"),
        *(f"Basic {TOKEN}", TOKEN),
    ],
)
def test_caller_without_the_token_is_refused(client, django_assert_num_queries, authorization):
    with django_assert_num_queries(0):
        response = get(client, authorization=authorization)

    assert response.status_code == 401
    assert response["WWW-Authenticate"] == "Bearer"
    assert response.json() == {"status": "unauthorized"}


def test_scheme_is_bearer_in_any_case(client):
    assert get(client, authorization=f"bearer {TOKEN}").status_code == 200


def test_both_tokens_are_taken_while_one_replaces_the_other(client, settings):
    """As SECURITY.md has it."""
    new = f"new-{TOKEN}"
    for tokens, statuses in {
        (TOKEN,): [200, 401],
        (TOKEN, new): [200, 200],
        (new,): [401, 200],
    }.items():
        settings.METRICS_TOKENS = list(tokens)
        asked = [get(client, authorization=f"Bearer {token}") for token in (TOKEN, new)]
        assert [response.status_code for response in asked] == statuses


@pytest.mark.parametrize("authorization", [AUTHORIZATION, "Bearer ", ""])
def test_without_a_token_there_is_no_such_route(client, settings, authorization):
    settings.METRICS_TOKENS = []

    response = get(client, authorization=authorization, **{"x-request-id": "same"})
    unknown = client.get("/nothing", headers={"x-request-id": "same"})

    assert (response.status_code, unknown.status_code) == (404, 404)
    assert response.content == unknown.content.replace(b"/nothing", b"/metrics")
    assert response.headers.keys() == unknown.headers.keys()


def test_without_a_token_a_foreign_host_is_refused_as_elsewhere(client, settings):
    settings.METRICS_TOKENS = []

    assert get(client, host="10.1.2.3:8000").status_code == 400


@pytest.mark.parametrize(("method", "path"), [("post", "/metrics"), ("get", "/metrics/")])
def test_other_methods_and_paths_are_left_to_the_service(client, method, path):
    response = getattr(client, method)(path, headers={"authorization": AUTHORIZATION})

    assert response.status_code == 404


@pytest.mark.parametrize(("authorization", "status"), [(AUTHORIZATION, 200), ("", 401)])
def test_answer_is_kept_by_nobody_and_names_its_request(client, authorization, status):
    response = get(client, authorization=authorization, **{"x-request-id": "scrape-1"})

    assert response.status_code == status
    assert response["Cache-Control"] == "no-store"
    assert response["X-Request-ID"] == "scrape-1"


def test_database_that_is_away_is_named_and_no_more(client, caplog):
    secret = "s3cret-that-nobody-may-see"

    def fail(*_):
        raise OperationalError(secret)

    with caplog.at_level(logging.DEBUG), connection.execute_wrapper(fail):
        response = get(client)

    assert response.status_code == 503
    assert response.json() == {"status": "unavailable", "failing": ["database"]}
    assert response["Cache-Control"] == "no-store"
    assert "metrics cannot be read: OperationalError" in caplog.messages
    assert secret not in caplog.text
    assert TOKEN not in caplog.text
