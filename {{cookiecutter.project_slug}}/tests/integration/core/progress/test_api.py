"""Who caused a task reads how far it is; nobody else does."""

from uuid import uuid4

import pytest
from rest_framework import serializers

from core.progress import counts
from core.progress.counts import Progress
from core.progress.models import Status, TaskRun
from tests.bodies import data, error_codes
from tests.factories.users import AdminFactory

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.urls("tests.integration.core.progress.urls"),
]


@pytest.fixture
def client(sign_in, user):
    return sign_in(user)


@pytest.fixture
def running(user):
    return TaskRun.objects.create(name="count", status=Status.RUNNING, created_by=user)


def url(run: TaskRun) -> str:
    return f"/api/v1/tasks/{run.pk}/"


def test_task_is_accepted_and_found_at_its_location(client, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        response = client.post("/count/")
        waiting = client.get(response["Location"])
    found = client.get(response["Location"])

    run = TaskRun.objects.get()
    assert response.status_code == 202
    assert response["Location"] == f"http://testserver{url(run)}"
    assert response["Retry-After"] == waiting["Retry-After"] == "2"
    assert data(response) == data(waiting)
    assert (data(waiting)["status"], data(waiting)["percent"]) == ("pending", None)
    assert "Retry-After" not in found
    stamp = serializers.DateTimeField().to_representation
    assert data(found) == {
        "id": str(run.pk),
        "name": "count",
        "status": "succeeded",
        "done": 3,
        "total": 3,
        "percent": 100,
        "code": None,
        "created_at": stamp(run.created_at),
        "started_at": stamp(run.started_at),
        "ended_at": stamp(run.ended_at),
    }


def test_running_task_shows_what_its_worker_told_last(
    client, running, credential_queries, django_assert_num_queries
):
    Progress(running.pk).tell(done=120, total=500)

    with django_assert_num_queries(credential_queries + 1):
        found = client.get(url(running))

    body = data(found)
    assert (body["status"], body["done"], body["total"], body["percent"]) == (
        "running",
        120,
        500,
        24,
    )
    assert found["Retry-After"] == "2"


def test_failure_is_told_by_its_code(client, running):
    TaskRun.objects.update(status=Status.FAILED, code="full", done=2, total=4)

    body = data(client.get(url(running)))

    assert (body["status"], body["code"], body["percent"]) == ("failed", "full", 50)


def test_answer_that_the_caller_has_is_not_sent_again(client, running, monkeypatch):
    monkeypatch.setattr(counts, "EVERY_SECONDS", 0)
    progress = Progress(running.pk)
    before = client.get(url(running))

    same = client.get(url(running), headers={"If-None-Match": before["ETag"]})
    progress.advance()
    further = client.get(url(running), headers={"If-None-Match": before["ETag"]})
    TaskRun.objects.update(status=Status.SUCCEEDED, done=1)
    ended = client.get(url(running), headers={"If-None-Match": further["ETag"]})

    assert (same.status_code, same["Retry-After"]) == (304, "2")
    assert same["ETag"] == before["ETag"]
    assert [(one.status_code, data(one)["status"]) for one in (further, ended)] == [
        (200, "running"),
        (200, "succeeded"),
    ]


def test_task_of_somebody_else_is_not_found(sign_in, running):
    response = sign_in(AdminFactory()).get(url(running))

    assert response.status_code == 404
    assert error_codes(response) == [("not_found", None)]


@pytest.mark.parametrize("key", [uuid4(), "not-an-id"])
def test_task_that_does_not_exist_is_not_found(client, key):
    response = client.get(f"/api/v1/tasks/{key}/")

    assert response.status_code == 404
    assert error_codes(response) == [("not_found", None)]


def test_task_of_nobody_is_found_by_nobody(client):
    run = TaskRun.objects.create(name="count")

    assert client.get(url(run)).status_code == 404


def test_tasks_need_credentials(api_client, running):
    assert error_codes(api_client.get(url(running))) == [("not_authenticated", None)]
