"""Callers see where they are signed in, and end it there."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.contrib.sessions.backends.base import SessionBase
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from apps.users.models import User
from core.security.sign_ins.models import UserSession
from tests.bodies import data
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], APIClient]

ME = "/api/v1/users/me/"
SESSIONS = "/api/v1/auth/sessions/"


def test_the_callers_own_sign_ins_are_listed_the_latest_first(
    sign_in: SignIn,
    credential_queries: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    user = UserFactory()
    sign_in(UserFactory())
    sign_in(user)
    client = sign_in(user)

    with django_assert_num_queries(credential_queries + 1):
        response = client.get(SESSIONS)

    items = data(response)["items"]
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    assert [item["is_current"] for item in items] == [True, False]
    assert set(items[0]) == {
        *("id", "created_at", "seen_at", "expires_at", "network", "user_agent", "is_current")
    }
    assert items[0]["created_at"] <= items[0]["seen_at"] < items[0]["expires_at"]


def test_one_is_ended_at_once_and_the_others_go_on(sign_in: SignIn) -> None:
    user = UserFactory()
    lost, client = sign_in(user), sign_in(user)
    [other] = [item for item in data(client.get(SESSIONS))["items"] if not item["is_current"]]

    response = client.delete(f"{SESSIONS}{other['id']}/")

    assert response.status_code == 204
    assert lost.get(ME).status_code == 401
    assert client.get(ME).status_code == 200
    assert len(data(client.get(SESSIONS))["items"]) == 1


def test_the_callers_own_is_ended_too(sign_in: SignIn) -> None:
    client = sign_in(UserFactory())
    [own] = data(client.get(SESSIONS))["items"]

    assert client.delete(f"{SESSIONS}{own['id']}/").status_code == 204
    assert client.get(ME).status_code == 401


def test_somebody_elses_is_not_found_and_goes_on(sign_in: SignIn) -> None:
    other, client = sign_in(UserFactory()), sign_in(UserFactory())
    [theirs] = data(other.get(SESSIONS))["items"]

    statuses = [client.delete(f"{SESSIONS}{key}/").status_code for key in (theirs["id"], uuid4())]

    assert statuses == [404, 404]
    assert other.get(ME).status_code == 200


def test_signing_out_everywhere_ends_all_of_the_callers(sign_in: SignIn) -> None:
    user = UserFactory(is_staff=True)
    admin = Client()
    admin.force_login(user)
    stranger = sign_in(UserFactory())
    clients = [sign_in(user), sign_in(user)]

    response = clients[0].delete(SESSIONS)

    assert response.status_code == 204
    assert [client.get(ME).status_code for client in clients] == [401, 401]
    assert admin.get("/admin/").status_code == 302
    assert stranger.get(ME).status_code == 200
    assert not UserSession.objects.filter(user=user).exists()


def test_no_answer_leads_to_the_key_of_a_session(sign_in: SignIn) -> None:
    client = sign_in(UserFactory())
    session: SessionBase = client.session

    answer = client.get(SESSIONS).content.decode()

    assert "sessionid" not in answer
    assert not session.session_key or session.session_key not in answer
