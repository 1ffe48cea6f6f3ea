"""Every write of an audited row leaves an entry, in the transaction of the write."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from apps.users.models import User
from apps.users.roles import Role
from apps.users.services import user_assign_roles, user_create, user_update
from core.audit.models import AuditEntry
from core.audit.tasks import audit_purge
from core.audit.trail import entries_of
from core.errors import StaleRecordError
from core.identity.actor import acting_as
from core.identity.origin import Origin, originating_from
from core.jobs import batches
from core.records.bulk import create_rows, update_rows
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db

Action = AuditEntry.Action
SECRET = "a-planted-secret-71c3"


def changes_of(user: User) -> list[tuple[int, dict[str, object]]]:
    """Return what the entries of ``user`` tell, the first one first."""
    return [(entry.action, entry.changes) for entry in entries_of(User, user.pk).order_by("id")]


def test_change_tells_who_when_from_where_before_and_after() -> None:
    user, actor = UserFactory(first_name="Ann"), UserFactory().pk
    AuditEntry.objects.all().delete()
    started = timezone.now()

    with acting_as(actor), originating_from(Origin("request-1", "192.0.2.7")):
        user_update(user=user, first_name="Bea")

    entry = AuditEntry.objects.get()
    assert (entry.action, entry.object_pk) == (Action.UPDATE, str(user.pk))
    assert entry.changes == {"first_name": ["Ann", "Bea"]}
    assert (entry.actor_id, entry.cid, entry.remote_addr) == (actor, "request-1", "192.0.2.7")
    assert started <= entry.timestamp <= timezone.now()


def test_what_the_service_does_by_itself_has_no_actor() -> None:
    call_command("createsuperuser", interactive=False, email="root@example.com", verbosity=0)

    entry = AuditEntry.objects.get()
    assert entry.changes["email"] == [None, "root@example.com"]
    assert entry.changes["is_superuser"] == [None, True]
    assert (entry.actor_id, entry.cid, entry.remote_addr) == (None, None, None)


def test_change_of_nothing_leaves_no_entry() -> None:
    user = UserFactory(first_name="Ann")
    AuditEntry.objects.all().delete()

    user_update(user=user, first_name="Ann")
    user.last_login = timezone.now()
    user.save(update_fields=["last_login"])

    assert not AuditEntry.objects.exists()


def test_secrets_are_in_no_entry() -> None:
    user = UserFactory(password=SECRET)
    hashes = [user.password]
    user.set_password(f"{SECRET}-2")
    user.save()
    hashes.append(user.password)
    user.delete()

    entries = AuditEntry.objects.order_by("id")
    assert [entry.changes["password"] for entry in entries] == [["***", "***"]] * 3
    for row in AuditEntry.objects.values():
        assert not any(secret in str(row) for secret in (SECRET, *hashes))


def test_deleted_row_is_told_by_its_entry() -> None:
    user, actor = UserFactory(first_name="Ann"), UserFactory()
    key = user.pk

    with acting_as(actor.pk):
        User.objects.filter(pk=key).delete()

    entry = entries_of(User, key).latest("id")
    assert (entry.action, entry.actor) == (Action.DELETE, actor)
    assert entry.changes["first_name"] == ["Ann", None]


def test_actor_is_still_told_when_the_account_is_gone() -> None:
    user = UserFactory()
    key = user.pk

    with acting_as(key):
        user_update(user=user, first_name="Bea")
        user.delete()

    told = AuditEntry.objects.filter(actor_id=key)
    assert list(told.values_list("action", flat=True)) == [Action.DELETE, Action.UPDATE]


def test_roles_are_told_as_far_as_they_change() -> None:
    user = user_create(email="ann@example.com", roles=[Role.CUSTOMER])
    other = Group.objects.create(name="Readers")
    user.groups.add(other)
    AuditEntry.objects.all().delete()

    user_assign_roles(user=user, roles=[Role.CUSTOMER])
    user_assign_roles(user=user, roles=[Role.ADMIN])

    told = [changes["groups"] for _, changes in changes_of(user)]
    assert [(change["operation"], change["objects"]) for change in told] == [
        ("delete", ["customer"]),
        ("add", ["admin"]),
    ]
    assert set(user.groups.all()) == {other, Group.objects.get(name=Role.ADMIN)}


def test_permissions_of_a_role_are_told() -> None:
    group = Group.objects.get(name=Role.CUSTOMER)
    permission = Permission.objects.get(codename="view_auditentry")

    group.permissions.add(permission)

    [entry] = entries_of(Group, group.pk)
    assert entry.changes["permissions"]["objects"] == [str(permission)]


def test_rolled_back_service_leaves_no_entry() -> None:
    user = UserFactory(first_name="Ann")
    AuditEntry.objects.all().delete()

    with transaction.atomic():
        user_update(user=user, first_name="Bea")
        transaction.set_rollback(True)

    assert not AuditEntry.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_change_that_is_refused_leaves_no_entry_outside_of_transactions_too() -> None:
    stale = UserFactory(first_name="Ann")
    User.objects.get(pk=stale.pk).save()
    AuditEntry.objects.all().delete()
    stale.first_name = "Bea"

    with pytest.raises(StaleRecordError):
        stale.save()

    assert not AuditEntry.objects.exists()


def test_bulk_writes_leave_the_entries_of_single_ones() -> None:
    actor, rows = UserFactory().pk, UserFactory.build_batch(2, first_name="Ann", last_name="Bell")
    AuditEntry.objects.all().delete()

    with originating_from(Origin("request-1", "192.0.2.7")), acting_as(None):
        create_rows(rows)
        rows[0].first_name = rows[0].last_name = "Bea"
        with acting_as(actor):
            update_rows(rows, ["first_name", "last_name"])

    (created, made), (changed, change) = changes_of(rows[0])
    assert (created, changed) == (Action.CREATE, Action.UPDATE)
    assert (made["first_name"], made["password"]) == ([None, "Ann"], ["***", "***"])
    assert change == {"first_name": ["Ann", "Bea"], "last_name": ["Bell", "Bea"]}
    assert [action for action, _ in changes_of(rows[1])] == [Action.CREATE]
    assert set(AuditEntry.objects.values_list("actor_id", "cid", "remote_addr")) == {
        (None, "request-1", "192.0.2.7"),
        (actor, "request-1", "192.0.2.7"),
    }


@pytest.mark.django_db(transaction=True)
def test_bulk_write_that_fails_leaves_no_entry(monkeypatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError

    rows = UserFactory.create_batch(2, first_name="Ann")
    monkeypatch.setattr("core.records.bulk.audit_many", fail)
    rows[0].first_name = "Bea"

    with pytest.raises(RuntimeError):
        update_rows(rows, ["first_name"])

    assert set(User.objects.values_list("first_name", flat=True)) == {"Ann"}


def test_purge_deletes_what_is_too_old_in_batches(
    settings, monkeypatch, django_assert_num_queries
) -> None:
    monkeypatch.setattr(batches, "BATCH_SIZE", 2)
    settings.AUDIT_RETENTION_DAYS = 30
    now = timezone.now()
    UserFactory.create_batch(3)
    AuditEntry.objects.update(timestamp=now - timedelta(days=30))
    kept = UserFactory()
    AuditEntry.objects.filter(object_pk=str(kept.pk)).update(
        timestamp=now - timedelta(days=30) + timedelta(minutes=1)
    )

    # Twice the keys and their end; once there are none, and none of the admin.
    with django_assert_num_queries(6):
        audit_purge()

    assert AuditEntry.objects.get().object_pk == str(kept.pk)


def test_purge_deletes_what_is_too_old_of_the_history_of_the_admin(settings) -> None:
    settings.AUDIT_RETENTION_DAYS = 30
    user = UserFactory()
    for age in (31, 29):
        entry = LogEntry.objects.create(user=user, object_repr=str(age), action_flag=CHANGE)
        LogEntry.objects.filter(pk=entry.pk).update(
            action_time=timezone.now() - timedelta(days=age)
        )

    audit_purge()

    assert LogEntry.objects.get().object_repr == "29"
