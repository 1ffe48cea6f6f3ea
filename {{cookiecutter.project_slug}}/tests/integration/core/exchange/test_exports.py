import pytest
from django.contrib.auth.models import Group
from django.core.files.storage import storages

from apps.users.models import User
from core.exchange import exports, registry, resources
from core.exchange.models import ExchangeJob
from core.exchange.tasks import exchange_job_run
from core.progress.models import Status
from tests.factories.users import UserFactory
from tests.integration.core.exchange.conftest import (
    GroupResource,
    content,
    counts,
    faults,
    make_export,
    run,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_groups(groups):
    groups.all().delete()


class OwnResource(GroupResource):
    """The groups that the user is in."""

    def visible_to(self, *, user: User) -> object:
        return user.groups.all()


def test_export_holds_what_the_user_sees():
    registry.register("own", OwnResource, lambda *, user: True)
    user = UserFactory(roles=[])
    user.groups.add(Group.objects.create(name="a"))
    Group.objects.create(name="b")

    job = run(make_export(resource="own", created_by=user))

    assert content(job) == b"name\r\na\r\n"


def test_export_goes_through_the_storage_that_is_set(settings):
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    }

    job = run(make_export())

    with storages["default"].open(job.file.name) as file:
        assert file.read() == b"name\r\n"


def test_export_of_too_many_rows_fails(settings):
    settings.EXCHANGE_EXPORT_MAX_ROWS = 1
    Group.objects.bulk_create([Group(name="a"), Group(name="b")])

    job = run(make_export())

    assert (job.status, faults(job)) == (Status.FAILED, [(None, "", "too_many_rows")])


def test_export_reads_page_by_page(monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(resources, "ROWS_PER_QUERY", 20)
    Group.objects.bulk_create(Group(name=f"group {number}") for number in range(50))
    job = make_export()

    # The start, the job, the count, three pages; and twice, before and after: a savepoint,
    # the job, its change, the end of the savepoint.
    with django_assert_num_queries(14):
        exchange_job_run(str(job.pk))

    job.refresh_from_db()
    assert counts(job) == {"total": 50, "done": 50}
    assert content(job).count(b"\r\n") == 51


def test_export_that_is_done_again_leaves_one_file(storage):
    job = run(make_export())
    ExchangeJob.objects.filter(pk=job.pk).update(status=Status.RUNNING)

    run(job)

    assert job.status == Status.SUCCEEDED
    assert [file.name for file in storage.rglob("*.csv")] == [job.file.name.rpartition("/")[2]]


def test_export_that_another_worker_has_overtaken_leaves_its_file(storage):
    job = make_export()

    class OvertakenResource(GroupResource):
        def export_rows(self, queryset: object) -> object:
            run(job)
            return super().export_rows(queryset)

    exports.run_export(job, OvertakenResource(), user=job.created_by)
    job.refresh_from_db()

    assert job.status == Status.SUCCEEDED
    assert content(job) == b"name\r\n"
    assert len(list(storage.rglob("*.csv"))) == 1


def test_export_that_another_worker_has_done_meanwhile_is_left_alone(storage):
    job = make_export()
    late = ExchangeJob.objects.get(pk=job.pk)
    run(job)

    exports.run_export(late, GroupResource(), user=job.created_by)

    job.refresh_from_db()
    assert content(job) == b"name\r\n"
    assert len(list(storage.rglob("*.csv"))) == 1
