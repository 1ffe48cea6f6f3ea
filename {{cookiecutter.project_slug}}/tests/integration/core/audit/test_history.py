"""Admins read what happened to a record."""

from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from celery import shared_task
from django.urls import reverse

from apps.users.models import User
from apps.users.roles import Role
from apps.users.services import user_assign_roles, user_update
from apps.users.signals import user_created
from core.audit.models import AuditEntry
from core.identity.actor import acting_as
from core.jobs.queues import Queue
from core.jobs.tasks import BaseTask
from core.records.keys import uuid7
from tests.bodies import data, error_codes
from tests.factories.users import PASSWORD, AdminFactory, UserFactory

pytestmark = pytest.mark.django_db
ME, USERS = "/api/v1/users/me/", "/api/v1/users/"
SECRET = "a-planted-secret-71c3"


def url(key: UUID) -> str:
    return reverse("user-history", args=[key])


def changed(count: int) -> User:
    """Return an account with ``count`` entries after that of its creation."""
    user = UserFactory(first_name="0")
    for number in range(1, count + 1):
        user_update(user=user, first_name=str(number))
    return user


def test_change_over_the_api_is_told_with_its_request_and_caller(sign_in):
    user = UserFactory(first_name="Ann", last_name="Bell", password=SECRET)
    headers = {"X-Request-ID": "request-1"}
    sign_in(user).patch(ME, {"first_name": "Bea"}, headers=headers, REMOTE_ADDR="192.0.2.7")
    admin = sign_in(AdminFactory())

    response = admin.get(url(user.pk))

    assert response.status_code == 200
    change, creation = data(response)["results"]
    entry = AuditEntry.objects.get(cid="request-1")
    assert datetime.fromisoformat(change.pop("at")) == entry.timestamp
    assert change == {
        "id": entry.pk,
        "action": "update",
        "actor": str(user.pk),
        "request_id": "request-1",
        "remote_address": "192.0.2.7",
        "changes": [{"field": "first_name", "before": "Ann", "after": "Bea"}],
    }
    assert (creation["action"], creation["actor"]) == ("create", None)
    assert {"field": "password", "before": "***", "after": "***"} in creation["changes"]
    assert not {SECRET, user.password} & set(response.content.decode().split('"'))


@shared_task(base=BaseTask, queue=Queue.DEFAULT)
def rename(user_id: str) -> None:
    user_update(user=User.objects.get(pk=user_id), first_name="Bea")


@pytest.mark.django_db(transaction=True)
def test_change_by_a_task_is_told_with_the_request_that_caused_it(sign_in):
    def send_task(user: User, **_: Any) -> None:
        rename.delay_on_commit(str(user.pk))

    client = sign_in(admin := AdminFactory())
    new = {"email": "new@example.com", "password": PASSWORD, "first_name": "Ann"}
    user_created.connect(send_task)
    try:
        key = data(
            client.post(USERS, new, headers={"X-Request-ID": "request-1"}, REMOTE_ADDR="192.0.2.7")
        )["id"]
    finally:
        user_created.disconnect(send_task)

    change = data(client.get(url(key)))["results"][0]

    assert change["changes"] == [{"field": "first_name", "before": "Ann", "after": "Bea"}]
    assert change["actor"] == str(admin.pk)
    assert (change["request_id"], change["remote_address"]) == ("request-1", "192.0.2.7")


def test_roles_are_told_as_they_were_taken_and_given(sign_in):
    user = UserFactory(roles=[Role.CUSTOMER])
    user_assign_roles(user=user, roles=[])

    taken, given, _ = data(sign_in(AdminFactory()).get(url(user.pk)))["results"]

    assert taken["changes"] == [{"field": "groups", "before": ["customer"], "after": []}]
    assert given["changes"] == [{"field": "groups", "before": [], "after": ["customer"]}]


def test_history_of_what_is_gone_stays(sign_in):
    user, actor = UserFactory(), uuid7()
    key = user.pk
    with acting_as(actor):
        user.delete()

    results = data(sign_in(AdminFactory()).get(url(key)))["results"]

    assert [(row["action"], row["actor"]) for row in results] == [
        ("delete", str(actor)),
        ("create", None),
    ]


def test_record_without_entries_has_an_empty_history(sign_in):
    user = UserFactory()
    AuditEntry.objects.all().delete()

    assert data(sign_in(AdminFactory()).get(url(user.pk)))["results"] == []


def test_record_that_never_was_has_none(sign_in):
    response = sign_in(AdminFactory()).get(url(uuid7()))

    assert response.status_code == 404
    assert error_codes(response) == [("not_found", None)]


def test_history_is_for_admins(sign_in, api_client):
    user = UserFactory(roles=[Role.CUSTOMER])

    refused, unknown = sign_in(user).get(url(user.pk)), api_client.get(url(user.pk))

    assert refused.status_code == 403
    assert error_codes(refused) == [("permission_denied", None)]
    assert unknown.status_code == 401
    assert error_codes(unknown) == [("not_authenticated", None)]


def test_history_is_read_page_by_page_newest_first(sign_in):
    user = changed(4)
    client = sign_in(AdminFactory())

    pages, page = [], f"{url(user.pk)}?page_size=2"
    while page:
        body = data(client.get(page))
        pages.append(body["results"])
        page = body["next"]

    assert [len(page) for page in pages] == [2, 2, 1]
    *changes, creation = [row for page in pages for row in page]
    assert [row["changes"][0]["after"] for row in changes] == ["4", "3", "2", "1"]
    assert creation["action"] == "create"


@pytest.mark.parametrize("count", [1, 20])
def test_history_of_any_length_costs_the_same_queries(
    count, sign_in, credential_queries, django_assert_num_queries
):
    user = changed(count)
    client = sign_in(AdminFactory())
    client.get(ME)

    with django_assert_num_queries(credential_queries + 3):  # Role, whether it is there, entries.
        client.get(url(user.pk))


def test_nobody_writes_history(sign_in):
    user = UserFactory()
    client = sign_in(AdminFactory(is_superuser=True))

    answers = [
        getattr(client, method)(url(user.pk), {}) for method in ("post", "put", "patch", "delete")
    ]

    assert [answer.status_code for answer in answers] == [405] * 4
