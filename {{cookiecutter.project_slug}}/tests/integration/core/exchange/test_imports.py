import pytest
from django.contrib.auth.models import Group
from django.db import OperationalError

from apps.users.models import User
from core.exchange import imports, registry
from core.exchange.models import ExchangeJob, Mode, Strategy
from core.exchange.resources import ExchangeResource
from core.exchange.tasks import exchange_job_run
from core.progress.models import Status
from tests.factories.users import UserFactory
from tests.integration.core.exchange.conftest import (
    GroupResource,
    counts,
    faults,
    make_import,
    run,
)

pytestmark = pytest.mark.django_db
TOO_LONG = "x" * 151


class AccountResource(ExchangeResource):
    class Meta:
        model = User
        fields = ("email", "first_name", "is_active")
        import_id_fields = ("email",)
        clean_model_instances = False


@pytest.fixture
def accounts(groups):
    registry.register("users", AccountResource, lambda *, user: True)


def names() -> set[str]:
    return set(Group.objects.filter(name__in="abcd").values_list("name", flat=True))


def test_all_or_nothing_stores_nothing_when_a_row_is_wrong():
    Group.objects.create(name="a")

    job = run(make_import(f"name\nb\n\n{TOO_LONG}\n,\na\n"))

    assert job.status == Status.FAILED
    assert faults(job) == [(3, "name", "max_length")]
    assert counts(job) == {"total": 3, "failed": 1}
    assert names() == {"a"}


def test_partial_stores_the_rows_that_are_right():
    Group.objects.create(name="a")

    job = run(make_import(f"name\nb\n{TOO_LONG}\na\nc\n", mode=Mode.PARTIAL))

    assert job.status == Status.SUCCEEDED
    assert faults(job) == [(2, "name", "max_length")]
    assert counts(job) == {"total": 4, "done": 4, "created": 2, "skipped": 1, "failed": 1}
    assert names() == {"a", "b", "c"}


def test_update_changes_adds_and_leaves_alone(accounts):
    UserFactory(email="a@example.com", first_name="Ada")
    UserFactory(email="b@example.com", first_name="Bob")

    content = "email,first_name\na@example.com,Eve\nb@example.com,Bob\nc@example.com,Cy\n"
    job = run(make_import(content, resource="users"))

    assert counts(job) == {"total": 3, "done": 3, "created": 1, "updated": 1, "skipped": 1}
    found = User.objects.filter(email__in=["a@example.com", "b@example.com", "c@example.com"])
    assert list(found.order_by("email").values_list("first_name", flat=True)) == [
        "Eve",
        "Bob",
        "Cy",
    ]


def test_append_refuses_what_is_there():
    Group.objects.create(name="a")

    job = run(make_import("name\na\nb\n", mode=Mode.PARTIAL, strategy=Strategy.APPEND))

    assert faults(job) == [(1, "name", "exists")]
    assert names() == {"a", "b"}


def test_append_of_all_or_nothing_stores_nothing_when_one_is_there():
    Group.objects.create(name="a")

    job = run(make_import("name\nb\na\n", strategy=Strategy.APPEND))

    assert (job.status, faults(job)) == (Status.FAILED, [(2, "name", "exists")])
    assert names() == {"a"}


@pytest.mark.parametrize("strategy", list(Strategy))
def test_second_row_with_the_same_key_is_refused(strategy):
    job = run(make_import("name\na\nb\na\n", mode=Mode.PARTIAL, strategy=strategy))

    assert faults(job) == [(3, "name", "repeated")]
    assert job.faults.get().message == "Row 1 has the same."
    assert names() == {"a", "b"}


def test_import_of_columns_that_nobody_knows_fails():
    job = run(make_import("title\na\n"))

    assert job.status == Status.FAILED
    assert faults(job) == [(None, "title", "unknown_column"), (None, "name", "missing_column")]
    assert not names()


@pytest.mark.parametrize("mode", list(Mode))
def test_import_of_no_rows_succeeds(mode):
    job = run(make_import("name\n", mode=mode))

    assert (job.status, counts(job)) == (Status.SUCCEEDED, {})


def test_import_says_nothing_of_what_went_wrong_inside(caplog):
    class BrokenResource(GroupResource):
        def do_instance_save(self, instance: Group, *_: object) -> None:
            raise RuntimeError("secret of row")

    registry.register("broken", BrokenResource, lambda *, user: True)
    job = run(make_import("name\na\n", resource="broken"))

    assert job.faults.get().message == "This row could not be stored."
    assert "secret of row" in caplog.text


def test_row_that_somebody_else_stores_at_the_same_time_is_refused():
    class OvertakenResource(GroupResource):
        def do_instance_save(self, instance: Group, *_: object) -> None:
            Group.objects.bulk_create([Group(name="b"), Group(name="b")])

    registry.register("overtaken", OvertakenResource, lambda *, user: True)
    job = run(make_import("name\na\n", resource="overtaken", mode=Mode.PARTIAL))

    assert (job.status, faults(job)) == (Status.SUCCEEDED, [(1, "", "conflict")])


def test_import_refuses_a_switch_that_is_neither_on_nor_off(accounts):
    job = run(make_import("email,is_active\na@example.com,perhaps\n", resource="users"))

    assert faults(job) == [(1, "is_active", "invalid")]


def test_import_stamps_rows_with_who_asked(accounts):
    job = run(make_import("email\nnew@example.com\n", resource="users"))

    assert User.objects.get(email="new@example.com").created_by == job.created_by


@pytest.mark.parametrize("mode", list(Mode))
def test_import_delivered_twice_is_done_once(mode):
    job = run(make_import("name\na\n", mode=mode))
    Group.objects.filter(name="a").delete()

    run(job)

    assert not names()


def test_import_that_another_worker_has_done_meanwhile_is_left_alone():
    job = make_import("name\na\n")
    ExchangeJob.objects.filter(pk=job.pk).update(status=Status.SUCCEEDED)

    imports.run_import(job, GroupResource())

    assert not names()


def test_part_that_another_worker_has_stored_meanwhile_is_left_alone(monkeypatch):
    monkeypatch.setattr(imports, "ROWS_PER_TRANSACTION", 1)
    job = make_import("name\na\nb\n", mode=Mode.PARTIAL)
    ExchangeJob.objects.filter(pk=job.pk).update(rows_done=1)

    imports.run_import(job, GroupResource())

    assert not names()


def test_partial_import_goes_on_where_a_worker_died(monkeypatch):
    monkeypatch.setattr(imports, "ROWS_PER_TRANSACTION", 2)

    class Killed(BaseException):
        pass

    class DeadlyResource(GroupResource):
        def do_instance_save(self, instance: Group, *_: object) -> None:
            if instance.name == "d" and deaths:
                raise deaths.pop()
            instance.save()

    deaths = [Killed()]
    registry.register("deadly", DeadlyResource, lambda *, user: True)
    content = f"name\na\n{TOO_LONG}\nc\nd\n"
    job = make_import(content, resource="deadly", mode=Mode.PARTIAL, strategy=Strategy.APPEND)
    with pytest.raises(Killed):
        imports.run_import(job, DeadlyResource())
    job.refresh_from_db()
    assert (names(), counts(job)) == (
        {"a"},
        {"total": 4, "done": 2, "created": 1, "failed": 1},
    )

    run(job)

    # Nothing is there twice, so nothing is refused because it was there.
    assert names() == {"a", "c", "d"}
    assert counts(job) == {"total": 4, "done": 4, "created": 3, "failed": 1}
    assert faults(job) == [(2, "name", "max_length")]


def test_import_is_tried_again_when_the_database_fails():
    failures = [OperationalError("deadlock")]

    class UnluckyResource(GroupResource):
        def do_instance_save(self, instance: Group, *_: object) -> None:
            if failures:
                raise failures.pop()
            instance.save()

    registry.register("unlucky", UnluckyResource, lambda *, user: True)
    job = make_import("name\na\n", resource="unlucky")
    exchange_job_run.apply((str(job.pk),), throw=False)
    job.refresh_from_db()

    assert (job.status, job.attempts, names()) == (Status.SUCCEEDED, 2, {"a"})


def test_rows_are_locked_and_written_in_one_order():
    """As everybody does, so that nobody waits in a circle: what is there by key, then what is new."""
    stored: list[str] = []

    class TellingResource(GroupResource):
        class Meta(GroupResource.Meta):
            fields = ("name",)

        def import_instance(self, instance: Group, row: dict[str, str], **options: object) -> None:
            stored.append(row["name"])

        def validate_instance(self, *arguments: object) -> None:
            return

        def do_instance_save(self, *arguments: object) -> None:
            return

    Group.objects.create(name="d")
    Group.objects.create(name="a")
    registry.register("telling", TellingResource, lambda *, user: True)

    run(make_import("name\nc\na\nb\nd\n", resource="telling"))

    assert stored == ["d", "a", "b", "c"]


def test_unchanged_rows_cost_nothing(django_assert_num_queries):
    Group.objects.bulk_create(Group(name=f"group {number}") for number in range(50))
    job = make_import("name\n" + "".join(f"group {number}\n" for number in range(50)))

    # The start, the job, the total; the savepoint, the job, the keys, the rows, the end.
    with django_assert_num_queries(9):
        exchange_job_run(str(job.pk))

    job.refresh_from_db()
    assert counts(job) == {"total": 50, "done": 50, "skipped": 50}
