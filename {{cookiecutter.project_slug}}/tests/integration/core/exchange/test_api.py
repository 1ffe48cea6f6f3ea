from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from rest_framework import serializers
from rest_framework.throttling import ScopedRateThrottle

from core.exchange import registry, views
from core.exchange.models import Direction, ExchangeFault, ExchangeJob
from core.progress.models import Status
from core.records.keys import uuid7
from tests.bodies import data, error_codes
from tests.factories.users import UserFactory
from tests.integration.core.exchange.conftest import GroupResource

pytestmark = pytest.mark.django_db
URL = reverse("exchange-jobs")
EXPORT = {"direction": "export", "resource": "groups", "format": "csv"}


def upload(content: bytes, name: str = "groups.csv", **fields: str) -> dict[str, object]:
    return {
        "direction": "import",
        "resource": "groups",
        "format": "csv",
        "file": SimpleUploadedFile(name, content),
        **fields,
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


def test_export_is_accepted_and_then_downloaded(client, run_jobs, settings):
    Group.objects.all().delete()
    Group.objects.create(name="readers")

    with run_jobs():
        accepted = client.post(URL, EXPORT)
    job = client.get(accepted["Location"])
    file = client.get(data(job)["file"], headers={"Accept": "text/csv"})

    assert accepted.status_code == 202
    assert data(accepted)["status"] == "pending"
    created = ExchangeJob.objects.get()
    assert accepted["Location"] == f"http://testserver/api/v1/exchange/jobs/{created.pk}/"
    stamp = serializers.DateTimeField().to_representation
    assert data(job) == {
        **EXPORT,
        "id": str(created.pk),
        "mode": "all_or_nothing",
        "strategy": "update",
        "status": "succeeded",
        "percent": 100,
        "rows_total": 1,
        "rows_done": 1,
        "rows_created": 0,
        "rows_updated": 0,
        "rows_skipped": 0,
        "rows_failed": 0,
        "errors": [],
        "error_report": None,
        "file": f"{accepted['Location']}file/",
        "created_at": stamp(created.created_at),
        "expires_at": stamp(
            created.created_at + timedelta(hours=settings.EXCHANGE_RETENTION_HOURS)
        ),
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
    assert other.get(f"{accepted['Location']}errors/").status_code == 404


def test_jobs_are_for_callers_who_sign_in(api_client):
    for response in (
        api_client.get(URL),
        api_client.post(URL, EXPORT),
        api_client.get(reverse("exchange-job-file", args=[uuid7()])),
        api_client.get(reverse("exchange-job-errors", args=[uuid7()])),
        api_client.get(reverse("exchange-template", args=["groups", "csv"])),
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


def test_request_that_is_too_large_is_refused_unread(client, settings):
    settings.EXCHANGE_UPLOAD_MAX_BYTES = 1_000

    response = client.post(URL, upload(b"name\n" + b"x" * 1_000), format="multipart")

    assert response.status_code == 413
    assert error_codes(response) == [("too_large", None)]


def test_jobs_are_listed_newest_first_in_two_queries(
    client, user, credential_queries, django_assert_num_queries
):
    jobs = [ExchangeJob.objects.create(**EXPORT, created_by=user) for _ in range(3)]

    with django_assert_num_queries(credential_queries + 2):  # And their faults.
        response = client.get(URL)

    ids = [job["id"] for job in data(response)["results"]]
    assert ids == [str(job.pk) for job in reversed(jobs)]


def test_job_costs_two_queries(client, user, credential_queries, django_assert_num_queries):
    job = ExchangeJob.objects.create(**EXPORT, created_by=user, status=Status.RUNNING)

    with django_assert_num_queries(credential_queries + 2):  # And its faults.
        response = client.get(reverse("exchange-job", args=[job.pk]))

    assert data(response)["rows_done"] == 0


def test_asking_for_a_job_costs_three_queries(
    client, credential_queries, django_assert_num_queries
):
    # It is stored, and read with its faults; and there are a savepoint and its end.
    with django_assert_num_queries(credential_queries + 5):
        client.post(URL, EXPORT)


@pytest.mark.parametrize(
    ("content", "file_format"),
    [
        pytest.param(b"\x89PNG\r\n\x1a\n\x00\x00", "csv", id="picture-as-csv"),
        pytest.param(b"\x89PNG\r\n\x1a\n\x00\x00", "xlsx", id="picture-as-xlsx"),
        pytest.param(b"n\xe4me\n", "csv", id="not-in-utf-8"),
        pytest.param(b"name\n", "xlsx", id="csv-as-xlsx"),
    ],
)
def test_file_that_is_not_what_it_is_said_to_be_is_refused(client, storage, content, file_format):
    body = upload(content, f"groups.{file_format}", format=file_format)

    response = client.post(URL, body, format="multipart")

    assert response.status_code == 400
    assert error_codes(response) == [("invalid_file", "file")]
    assert not ExchangeJob.objects.exists()
    assert not list(storage.rglob("*.*"))


def test_import_takes_mode_and_strategy(client, run_jobs):
    Group.objects.create(name="readers")
    body = upload(b"name\nreaders\nwriters\n", mode="partial", strategy="append")

    with run_jobs():
        accepted = client.post(URL, body, format="multipart")
    job = data(client.get(accepted["Location"]))

    assert (job["mode"], job["strategy"], job["status"]) == ("partial", "append", "succeeded")
    assert (job["rows_created"], job["rows_failed"], job["percent"]) == (1, 1, 100)
    assert job["errors"] == [
        {"row": 1, "field": "name", "code": "exists", "message": "This is there already."}
    ]
    assert job["error_report"] == f"{accepted['Location']}errors/"


def test_error_report_has_all_errors_and_no_formulas(
    client, user, monkeypatch, credential_queries, django_assert_num_queries
):
    monkeypatch.setattr(views, "ERRORS_SHOWN", 1)
    job = ExchangeJob.objects.create(**EXPORT, created_by=user)
    for row in (2, 1):
        ExchangeFault.objects.create(
            job=job, row=row, field="=field", code="invalid", message='-no, "no"'
        )

    shown = data(client.get(reverse("exchange-job", args=[job.pk])))
    with django_assert_num_queries(credential_queries + 3):  # The job, with those shown; all.
        report = client.get(shown["error_report"])

    assert [error["row"] for error in shown["errors"]] == [1]
    assert report.getvalue() == (
        b"row,field,code,message\r\n"
        b'1,\'=field,invalid,"\'-no, ""no"""\r\n'
        b'2,\'=field,invalid,"\'-no, ""no"""\r\n'
    )
    assert report["Content-Type"] == "text/csv; charset=utf-8"
    assert report["Content-Disposition"] == 'attachment; filename="groups-errors.csv"'
    assert report["Cache-Control"] == "private, no-store"


def test_result_whose_file_is_gone_is_not_found(client, run_jobs, storage):
    with run_jobs():
        accepted = client.post(URL, EXPORT)
    next(storage.rglob("*.csv")).unlink()

    response = client.get(f"{accepted['Location']}file/")

    assert error_codes(response) == [("not_found", None)]


def test_result_is_not_for_who_may_no_longer_exchange(client, run_jobs):
    with run_jobs():
        accepted = client.post(URL, EXPORT)
    registry.register("groups", GroupResource, lambda *, user: False)

    response = client.get(f"{accepted['Location']}file/")

    assert error_codes(response) == [("permission_denied", None)]


def test_template_names_the_columns(client, credential_queries, django_assert_num_queries):
    with django_assert_num_queries(credential_queries):
        response = client.get(reverse("exchange-template", args=["groups", "csv"]))

    assert response.getvalue() == b"name\r\n"
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="groups.csv"'


@pytest.mark.parametrize(
    ("resource", "file_format"), [("unknown", "csv"), ("exported", "csv"), ("groups", "exe")]
)
def test_template_that_there_is_not_is_not_found(client, resource, file_format):
    registry.register("exported", GroupResource, lambda *, user: True, [Direction.EXPORT])

    response = client.get(reverse("exchange-template", args=[resource, file_format]))

    assert response.status_code == 404
    assert error_codes(response) == [("not_found", None)]


def test_template_is_for_who_may_import(client):
    registry.register("groups", GroupResource, lambda *, user: False)

    response = client.get(reverse("exchange-template", args=["groups", "csv"]))

    assert error_codes(response) == [("permission_denied", None)]


def test_jobs_are_throttled_and_looking_at_them_is_not(client, monkeypatch):
    cache.clear()
    monkeypatch.setattr(ScopedRateThrottle, "THROTTLE_RATES", {"exchange": "1/hour"})

    accepted = client.post(URL, EXPORT)
    refused = client.post(URL, EXPORT)

    assert (accepted.status_code, refused.status_code) == (202, 429)
    assert error_codes(refused) == [("throttled", None)]
    assert int(refused["Retry-After"]) > 3500
    assert client.get(URL).status_code == 200
