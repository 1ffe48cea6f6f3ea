"""An account is read and changed under conditions."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from apps.users.models import User
from apps.users.roles import Role
from apps.users.services import user_assign_roles, user_update
from tests.bodies import data, error_codes
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db

ME = "/api/v1/users/me/"
CHANGE = {"first_name": "Bea"}

SignIn = Callable[[User], APIClient]


def test_answer_carries_the_version_as_its_tag(sign_in: SignIn) -> None:
    client = sign_in(UserFactory())

    assert client.get(ME)["ETag"] == '"1"'
    assert client.patch(ME, CHANGE)["ETag"] == '"2"'
    assert client.get(ME)["ETag"] == '"2"'


@pytest.mark.parametrize("tags", ['"1"', 'W/"1"', '"7", "1"', "*"])
def test_reader_who_has_the_current_state_gets_no_body(sign_in: SignIn, tags: str) -> None:
    response = sign_in(UserFactory()).get(ME, headers={"if-none-match": tags})

    assert (response.status_code, response.content) == (304, b"")
    assert response["ETag"] == '"1"'
    assert "Content-Type" not in response


@pytest.mark.parametrize("tags", ['"2"', "1", ""])
def test_reader_who_has_another_state_gets_the_current_one(sign_in: SignIn, tags: str) -> None:
    user = UserFactory()

    response = sign_in(user).get(ME, headers={"if-none-match": tags})

    assert response.status_code == 200
    assert data(response)["id"] == str(user.pk)


def test_new_roles_are_a_new_state(sign_in: SignIn) -> None:
    user = UserFactory()
    client = sign_in(user)

    user_assign_roles(user=user, roles=[Role.CUSTOMER])

    assert client.get(ME, headers={"if-none-match": '"1"'}).status_code == 200


@pytest.mark.parametrize("tags", ['"1"', '"7", "1"', "*"])
def test_change_of_the_state_that_was_read_is_made(sign_in: SignIn, tags: str) -> None:
    user = UserFactory()

    response = sign_in(user).patch(ME, CHANGE, headers={"if-match": tags})

    user.refresh_from_db()
    assert response.status_code == 200
    assert (user.first_name, user.version) == ("Bea", 2)


@pytest.mark.parametrize("tags", ['"2"', 'W/"1"', '"7", "8"'])
def test_change_of_another_state_is_refused(sign_in: SignIn, tags: str) -> None:
    user = UserFactory(first_name="Ann")

    response = sign_in(user).patch(ME, CHANGE, headers={"if-match": tags})

    user.refresh_from_db()
    assert response.status_code == 412
    assert error_codes(response) == [("precondition_failed", None)]
    assert (user.first_name, user.version) == ("Ann", 1)


@pytest.mark.parametrize("tags", ["1", "", '"1', '"1" "2"', '*, "1"'])
def test_condition_that_is_none_is_refused(sign_in: SignIn, tags: str) -> None:
    response = sign_in(UserFactory()).patch(ME, CHANGE, headers={"if-match": tags})

    assert response.status_code == 400
    assert error_codes(response) == [("parse_error", None)]


def test_change_without_a_condition_is_made(sign_in: SignIn) -> None:
    assert sign_in(UserFactory()).patch(ME, CHANGE).status_code == 200


@pytest.mark.parametrize(("tags", "status"), [('"1"', 412), ("*", 412), ('"2"', 200)])
def test_change_may_rule_a_state_out(sign_in: SignIn, tags: str, status: int) -> None:
    response = sign_in(UserFactory()).patch(ME, CHANGE, headers={"if-none-match": tags})

    assert response.status_code == status


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"if-match": '"1"'}, 412, "precondition_failed"),
        ({"if-match": "*"}, 409, "stale_record"),
        ({}, 409, "stale_record"),
    ],
)
def test_writer_who_comes_between_is_noticed(
    sign_in: SignIn,
    monkeypatch: pytest.MonkeyPatch,
    headers: dict[str, str],
    status: int,
    code: str,
) -> None:
    user = UserFactory(first_name="Ann")

    def update_after_another(**arguments: Any) -> User:
        User.objects.update(first_name="Cid")
        return user_update(**arguments)

    monkeypatch.setattr("apps.users.api.views.user_update", update_after_another)
    response = sign_in(user).patch(ME, CHANGE, headers=headers)

    user.refresh_from_db()
    assert response.status_code == status
    assert error_codes(response) == [(code, None)]
    assert user.first_name == "Cid"
