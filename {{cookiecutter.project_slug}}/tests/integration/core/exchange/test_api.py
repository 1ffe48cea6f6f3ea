import pytest
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from core.exchange import registry, views
from core.exchange.models import Direction, ExchangeJob, Status
from core.records.keys import uuid7
from tests.contract import data, error_codes
from tests.factories.users import UserFactory
from tests.integration.core.exchange.conftest import GroupResource

pytestmark = pytest.mark.django_db
URL = reverse("exchange-jobs")
EXPORT = {"direction": "export", "resource": "groups", "format": "csv"}


def upload(content: bytes, name: str = "groups.csv") -> dict[str, object]:
    return {
        "direction": "import",
        "resource": "groups",
        "format": "csv",
        "file": SimpleUploadedFile(name, content),
    }


@pytest.fixture
def user():
    return UserFactory()


@pytest.fixture
def client(sign_in, user):
    return sign_in(user)


@pytest.fixture
def run_jobs(django_capture_on_commit_callbacks):
    """Return a context in which the jobs that are asked for are done, as it ends."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


def test_export_is_accepted_and_then_downloaded(client, run_jobs):
    Group.objects.all().delete()
    Group.objects.create(name="readers")

    with run_jobs():
        accepted = client.post(URL, EXPORT)
    job = client.get(accepted["Location"])
    file = client.get(data(job)["file"], headers={"Accept": "text/csv"})

    assert accepted.status_code == 202
    assert data(accepted)["status"] == "pending"
    assert data(job) | {"created_at": ..., "id": ..., "file": ...} == {
        **EXPORT,
        "status": "succeeded",
        "rows_total": 1,
        "rows_done": 1,
        "errors": [],
        "created_at": ...,
        "id": ...,
        "file": ...,
    }
    assert file.getvalue() == b"name\r\nreaders\r\n"
    assert file["Content-Type"] == "text/csv; charset=utf-8"
    assert file["Content-Disposition"] == 'attachment; filename="groups.csv"'
    assert file["Cache-Control"] == "private, no-store"


def test_export_writes_no_formulas(client, run_jobs):
    Group.objects.all().delete()
    Group.objects.create(name="=HYPERLINK(0)")

    with run_jobs():
        accepted = client.post(URL, EXPORT)
    file = client.get(f"{accepted['Location']}file/")

    assert file.getvalue() == b"name\r\n'=HYPERLINK(0)\r\n"


def test_export_in_xlsx_is_a_file_of_that_type(client, run_jobs):
    with run_jobs():
        accepted = client.post(URL, {**EXPORT, "format": "xlsx"})
    file = client.get(f"{accepted['Location']}file/")

    assert file.getvalue().startswith(b"PK")
    assert file["Content-Type"] == views.MEDIA_TYPES["xlsx"]


def test_import_is_accepted_and_then_stored(client, run_jobs):
    with run_jobs():
        accepted = client.post(URL, upload(b"name\nreaders\nwriters\n"), format="multipart")
    job = client.get(accepted["Location"])

    assert accepted.status_code == 202
    assert (data(job)["status"], data(job)["rows_done"]) == ("succeeded", 2)
    assert data(job)["file"] is None
    assert Group.objects.filter(name__in=["readers", "writers"]).count() == 2


def test_import_is_stored_under_a_name_of_the_service(client, storage):
    client.post(URL, upload(b"name\n", name="../../evil.html"), format="multipart")

    job = ExchangeJob.objects.get()
    assert job.file.name.startswith("exchange/")
    assert job.file.name.endswith(".csv")
    assert len(list(storage.rglob("*.csv"))) == 1
    assert "evil" not in job.file.name


def test_job_that_has_not_ended_has_no_file(client):
    accepted = client.post(URL, EXPORT)

    response = client.get(f"{accepted['Location']}file/")

    assert response.status_code == 404
    assert error_codes(response) == [("not_found", None)]


def test_jobs_of_others_are_not_there(client, run_jobs, sign_in):
    with run_jobs():
        accepted = client.post(URL, EXPORT)
    other = sign_in(UserFactory())

    assert data(other.get(URL))["results"] == []
    assert other.get(accepted["Location"]).status_code == 404
    assert other.get(f"{accepted['Location']}file/").status_code == 404


def test_jobs_are_for_callers_who_sign_in(api_client):
    for response in (
        api_client.get(URL),
        api_client.post(URL, EXPORT),
        api_client.get(reverse("exchange-job-file", args=[uuid7()])),
    ):
        assert error_codes(response) == [("not_authenticated", None)]


def test_job_of_an_unknown_resource_is_refused(client):
    response = client.post(URL, {**EXPORT, "resource": "secrets"})

    assert response.status_code == 400
    assert error_codes(response) == [("unknown_resource", "resource")]


def test_job_in_a_direction_that_is_not_offered_is_refused(client):
    registry.register("groups", GroupResource, lambda *, user: True, directions=[Direction.EXPORT])

    response = client.post(URL, upload(b"name\n"), format="multipart")

    assert error_codes(response) == [("unknown_resource", "resource")]


def test_job_that_the_caller_may_not_ask_for_is_refused(client):
    registry.register("groups", GroupResource, lambda *, user: False)

    response = client.post(URL, EXPORT)

    assert response.status_code == 403
    assert error_codes(response) == [("permission_denied", None)]
    assert not ExchangeJob.objects.exists()


@pytest.mark.parametrize(
    ("change", "faults"),
    [
        ({"direction": "import"}, [("required", "file")]),
        ({"direction": "sideways"}, [("invalid_choice", "direction")]),
        ({"format": "exe"}, [("invalid_choice", "format")]),
    ],
)
def test_job_that_is_not_complete_is_refused(client, change, faults):
    assert error_codes(client.post(URL, {**EXPORT, **change})) == faults


def test_export_with_a_file_is_refused(client):
    response = client.post(URL, {**upload(b"name\n"), "direction": "export"}, format="multipart")

    assert error_codes(response) == [("invalid", "file")]


def test_request_that_is_too_large_is_refused_unread(client, monkeypatch):
    monkeypatch.setattr(views, "REQUEST_BYTES_MAXIMUM", 1_000)

    response = client.post(URL, upload(b"name\n" + b"x" * 1_000), format="multipart")

    assert response.status_code == 413
    assert error_codes(response) == [("too_large", None)]


def test_jobs_are_listed_newest_first_in_one_query(
    client, user, credential_queries, django_assert_num_queries
):
    jobs = [ExchangeJob.objects.create(**EXPORT, created_by=user) for _ in range(3)]

    with django_assert_num_queries(credential_queries + 1):
        response = client.get(URL)

    ids = [job["id"] for job in data(response)["results"]]
    assert ids == [str(job.pk) for job in reversed(jobs)]


def test_job_costs_one_query(client, user, credential_queries, django_assert_num_queries):
    job = ExchangeJob.objects.create(**EXPORT, created_by=user, status=Status.RUNNING)

    with django_assert_num_queries(credential_queries + 1):
        response = client.get(reverse("exchange-job", args=[job.pk]))

    assert data(response)["rows_done"] == 0


def test_asking_for_a_job_costs_one_query(client, credential_queries, django_assert_num_queries):
    with django_assert_num_queries(credential_queries + 3):  # And a savepoint and its release.
        client.post(URL, EXPORT)
