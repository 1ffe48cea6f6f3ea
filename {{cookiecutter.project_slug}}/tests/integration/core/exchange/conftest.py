"""A table to exchange that is there in every service."""

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.db.models import QuerySet

from core.exchange import registry
from core.exchange.models import ExchangeJob
from core.exchange.resources import ExchangeResource
from core.exchange.tasks import exchange_job_run
from tests.factories.users import UserFactory


class GroupResource(ExchangeResource):
    class Meta:
        model = Group
        fields = ("name",)
        import_id_fields = ("name",)

    def visible_to(self, *, user: Any) -> QuerySet[Group]:
        return Group.objects.all()


@pytest.fixture(autouse=True)
def storage(settings, tmp_path):
    """Keep the files of the tests out of the project; return the folder that holds them."""
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture(autouse=True)
def groups(monkeypatch):
    """Let everybody exchange groups, and nothing else."""
    monkeypatch.setattr(registry, "_registered", {})
    registry.register("groups", GroupResource, lambda *, user: True)
    return Group.objects


def make_import(content: str, **fields: Any) -> ExchangeJob:
    """Return a job that imports ``content``, a CSV file."""
    given = {"resource": "groups", "format": "csv", "file": ContentFile(content.encode(), "a.csv")}
    return make_job(direction="import", **given | fields)


def make_export(**fields: Any) -> ExchangeJob:
    return make_job(**{"direction": "export", "resource": "groups", "format": "csv"} | fields)


def make_job(**fields: Any) -> ExchangeJob:
    return ExchangeJob.objects.create(**{"created_by": UserFactory(roles=[])} | fields)


def run(job: ExchangeJob) -> ExchangeJob:
    """Do a job in this process, and return it as it is then."""
    exchange_job_run.delay(str(job.pk))
    job.refresh_from_db()
    return job


def faults(job: ExchangeJob) -> list[tuple[int | None, str, str]]:
    """Return row, field and code of all that is wrong with a job."""
    return list(job.faults.values_list("row", "field", "code"))


def counts(job: ExchangeJob) -> dict[str, int | None]:
    """Return what became of a job's rows, as far as that is more than none."""
    names = ("total", "done", "created", "updated", "skipped", "failed")
    found = {name: getattr(job, f"rows_{name}") for name in names}
    return {name: value for name, value in found.items() if value}


def content(job: ExchangeJob) -> bytes:
    """Return what is in the file of a job."""
    with job.file.open("rb") as file:
        return file.read()
