"""The trail in the admin: to read, and nothing else."""

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from apps.users.services import user_update
from core.audit.models import AuditEntry
from core.identity.actor import acting_as
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db
LIST = reverse("admin:audit_auditentry_changelist")


def page_of(entry: AuditEntry, name: str = "change") -> str:
    return reverse(f"admin:audit_auditentry_{name}", args=[entry.pk])


@pytest.fixture
def entry() -> AuditEntry:
    """Return the entry of a change by an account that is gone."""
    actor = UserFactory()
    with acting_as(actor.pk):
        user_update(user=UserFactory(first_name="Ann", password="secret"), first_name="<b>Bea")
    actor.delete()
    return AuditEntry.objects.get(action=AuditEntry.Action.UPDATE)


def test_entry_shows_before_and_after(admin_client, entry):
    page = admin_client.get(page_of(entry)).content.decode()

    assert "<td>Ann</td>" in page
    assert "<td>&lt;b&gt;Bea</td>" in page
    assert str(entry.actor_id) in page


def test_list_costs_the_same_queries_for_any_number_of_entries(
    admin_client, django_assert_max_num_queries
):
    counts = []
    for number in (3, 30):
        for user in UserFactory.create_batch(number):
            with acting_as(user.pk):
                user_update(user=user, first_name="Bea")
        with django_assert_max_num_queries(10) as queries:
            response = admin_client.get(LIST, {"q": "example.com"})
        assert response.status_code == 200
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_not_even_a_superuser_writes(admin_client, entry):
    add = reverse("admin:audit_auditentry_add")
    refused = [
        admin_client.get(add),
        admin_client.post(page_of(entry), {"object_repr": "Forged"}),
        admin_client.post(page_of(entry, "delete"), {"post": "yes"}),
    ]
    admin_client.post(LIST, {"action": "delete_selected", "_selected_action": [entry.pk]})

    assert [answer.status_code for answer in refused] == [403] * 3
    assert AuditEntry.objects.get(pk=entry.pk).object_repr == entry.object_repr


def test_entries_are_shown_to_who_may_view_them(client, entry):
    reader = UserFactory(is_staff=True)
    client.force_login(reader)
    assert client.get(page_of(entry)).status_code == 403

    reader.user_permissions.add(Permission.objects.get(codename="view_auditentry"))

    assert client.get(page_of(entry)).status_code == 200
