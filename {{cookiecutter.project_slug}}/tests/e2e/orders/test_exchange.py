"""The catalogue goes in and out as files, through every process that takes part."""

from urllib.parse import urlsplit

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from tests.bodies import data
from tests.e2e.authentication import Authentication
from tests.e2e.http import Client
from tests.e2e.processes import WebServer, wait_for
from tests.factories.users import ManagerFactory

URL = "/api/v1/exchange/jobs/"


def test_catalogue_is_imported_and_exported(
    web: WebServer, authentication: Authentication, tasks_run: None
) -> None:
    client = web.client()
    authentication.sign_in(client, ManagerFactory())
    sku = f"FILE-{web.interface.upper()}"
    content = f"sku,name,price\n{sku},=1+1,4.50\n{sku}-B,Cup,none\n"

    imported = ended(
        client,
        direction="import",
        resource="products",
        format="csv",
        mode="partial",
        file=SimpleUploadedFile("products.csv", content.encode()),
    )
    exported = ended(client, direction="export", resource="products", format="csv")

    assert (imported["status"], imported["rows_created"], imported["rows_failed"]) == (
        "succeeded",
        1,
        1,
    )
    report = client.get(urlsplit(imported["error_report"]).path).text
    assert report.splitlines()[1].startswith("2,price,invalid,")
    file = client.get(urlsplit(exported["file"]).path).text
    assert f"{sku},'=1+1,4.50,EUR,True,0" in file.splitlines()
    # Django says so where it holds all of a file in memory.
    assert "must consume" not in web.output


def ended(client: Client, **asked: object) -> dict[str, object]:
    """Ask for a job, and return it as it is when it has ended."""
    body = encode_multipart(BOUNDARY, asked)
    answer = client.request("POST", URL, body=body, headers={"Content-Type": MULTIPART_CONTENT})
    assert answer.status_code == 202, answer.text
    path = urlsplit(answer.headers["Location"]).path

    def end() -> dict[str, object] | None:
        job: dict[str, object] = data(client.get(path))
        return job if job["status"] in {"succeeded", "failed"} else None

    found = wait_for(end, "the end of the job")
    assert found is not None
    return found
