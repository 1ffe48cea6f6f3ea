"""The admin: where it is, how often one may try to get in, what it deletes, what the trail has of it."""

from collections.abc import Iterator
from importlib import reload
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import clear_url_caches, reverse
from pytest_django import Settings

from apps.users.models import User
from config import urls
from core import admin
from core.api.throttles import ScopedThrottle
from core.audit.models import AuditEntry
from tests.factories.users import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db
USERS = reverse("admin:users_user_changelist")
HERE = "192.0.2.1"
THERE = "192.0.2.2"


@pytest.fixture
def elsewhere(settings: Settings) -> Iterator[None]:
    """Move the admin, and put it back."""
    path = settings.ADMIN_PATH
    settings.ADMIN_PATH = "back-office/"
    reload(urls)
    clear_url_caches()
    yield
    settings.ADMIN_PATH = path
    reload(urls)
    clear_url_caches()


@pytest.mark.usefixtures("elsewhere")
def test_admin_is_where_the_setting_says(client: Client) -> None:
    moved, former = client.get("/back-office/"), client.get("/admin/login/")

    assert (moved.status_code, moved["Location"]) == (302, "/back-office/login/?next=/back-office/")
    assert client.get(moved["Location"]).status_code == 200
    assert former.status_code == 404


def test_tries_to_sign_in_have_a_rate_for_each_address(monkeypatch: pytest.MonkeyPatch) -> None:
    cache.clear()
    monkeypatch.setattr(ScopedThrottle, "THROTTLE_RATES", {"sign-in": "2/day"})
    page = reverse("admin:login")

    def sign_in(number: int, address: str) -> int:
        # Another account each time, which no lockout counts together.
        email = UserFactory(is_staff=True).email
        body = {"username": email, "password": PASSWORD if number == 2 else "wrong"}
        answer = Client(REMOTE_ADDR=address).post(page, body)
        if answer.status_code == 429:
            assert int(answer["Retry-After"]) > 0
            assert b"throttled" in answer.content
        return int(answer.status_code)

    assert [sign_in(number, HERE) for number in range(3)] == [200, 200, 429]
    assert sign_in(2, THERE) == 302
    assert Client(REMOTE_ADDR=HERE).get(page).status_code == 200


def test_nobody_signs_in_while_the_cache_is_away(
    admin_user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any, **__: Any) -> None:
        raise ConnectionError

    monkeypatch.setattr(ScopedThrottle, "THROTTLE_RATES", {"sign-in": "2/day"})
    monkeypatch.setattr("core.api.throttles.raise_counter", away)
    body = {"username": admin_user.email, "password": PASSWORD}

    assert Client().post(reverse("admin:login"), body).status_code == 503


def delete(client: Client, users: list[User], **more: str) -> None:
    chosen = [user.pk for user in users]
    client.post(USERS, {"action": "delete_selected", "_selected_action": chosen, **more})


def test_deletion_asks_first(admin_client: Client) -> None:
    users = UserFactory.create_batch(2)

    delete(admin_client, users)
    assert User.objects.filter(pk__in=[user.pk for user in users]).count() == 2

    delete(admin_client, users, post="yes")
    assert not User.objects.filter(pk__in=[user.pk for user in users]).exists()


@pytest.mark.parametrize("across", ["0", "1"])
def test_more_rows_than_the_limit_are_not_deleted_at_once(
    across: str, admin_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admin, "DELETE_LIMIT", 2)
    users = UserFactory.create_batch(3)
    chosen = users[:1] if across == "1" else users
    before = User.objects.count()

    delete(admin_client, chosen, post="yes", select_across=across)

    page = admin_client.get(USERS)
    assert [str(message) for message in page.context["messages"]] == [
        "At most 2 rows can be deleted at once. Nothing was deleted."
    ]
    assert User.objects.count() == before


def test_what_is_done_in_the_admin_is_in_the_trail(admin_user: User) -> None:
    client = Client(REMOTE_ADDR=HERE)
    client.force_login(admin_user)
    one, many = UserFactory(first_name="Ann"), UserFactory.create_batch(2)
    AuditEntry.objects.all().delete()

    client.post(
        reverse("admin:users_user_add"),
        {
            "email": "new@example.com",
            "usable_password": "true",
            "password1": PASSWORD,
            "password2": PASSWORD,
        },
    )
    new = User.objects.get(email="new@example.com")
    client.post(
        reverse("admin:users_user_change", args=[one.pk]),
        {"email": one.email, "first_name": "Bea", "is_active": "on"},
    )
    client.post(reverse("admin:users_user_delete", args=[new.pk]), {"post": "yes"})
    delete(client, many, post="yes")

    users = AuditEntry.objects.filter(content_type__model="user").order_by("pk")
    assert {(entry.object_pk, entry.get_action_display()) for entry in users} == {
        (str(new.pk), "create"),
        (str(one.pk), "update"),
        (str(new.pk), "delete"),
        *((str(user.pk), "delete") for user in many),
    }
    assert {(entry.actor_id, entry.remote_addr) for entry in users} == {(admin_user.pk, HERE)}
