from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from celery import shared_task
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from apps.users.models import User
from apps.users.roles import Role
from apps.users.signals import user_created
from core.identity.actor import current_user_id
from core.jobs.queues import Queue
from core.jobs.tasks import BaseTask
from tests.bodies import data, error_codes
from tests.factories.users import PASSWORD, AdminFactory, UserFactory

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], APIClient]

ME = "/api/v1/users/me/"
USERS = "/api/v1/users/"
NEW = {"email": "New@Example.com", "password": PASSWORD, "first_name": "Ann"}


def output(user: User) -> dict[str, Any]:
    """Return what the API tells of ``user``."""
    return {
        "id": str(user.pk),
        "email": user.email,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "roles": [role.value for role in user.roles],
        "is_active": user.is_active,
        "created_at": user.created_at.isoformat().replace("+00:00", "Z"),
    }


def test_me_is_the_account_of_the_caller(
    sign_in: SignIn,
    credential_queries: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    user = UserFactory(roles=[Role.CUSTOMER])
    client = sign_in(user)
    client.get(ME)

    with django_assert_num_queries(credential_queries + 1):
        response = client.get(ME)

    assert response.status_code == 200
    assert data(response) == output(user)


@pytest.mark.parametrize(
    ("method", "path"), [("get", ME), ("patch", ME), ("get", USERS), ("post", USERS)]
)
def test_who_has_not_signed_in_gets_401(api_client: APIClient, method: str, path: str) -> None:
    response = getattr(api_client, method)(path, {})

    assert response.status_code == 401
    assert error_codes(response) == [("not_authenticated", None)]
    assert response["WWW-Authenticate"]


def test_callers_change_their_names(
    sign_in: SignIn,
    credential_queries: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    user = UserFactory(first_name="Ann", last_name="Bell", email="ann@example.com")
    client = sign_in(user)
    client.get(ME)

    # What the account was, the entry, the change, its savepoint and the release of that, the roles.
    with django_assert_num_queries(credential_queries + 6):
        response = client.patch(ME, {"last_name": "Book", "email": "other@example.com"})

    user.refresh_from_db()
    assert response.status_code == 200
    assert data(response) == output(user)
    assert (user.first_name, user.last_name, user.email) == ("Ann", "Book", "ann@example.com")
    assert user.updated_by == user


def test_a_name_that_is_too_long_is_refused(sign_in: SignIn) -> None:
    response = sign_in(UserFactory()).patch(ME, {"first_name": "a" * 151})

    assert response.status_code == 400
    assert error_codes(response) == [("max_length", "first_name")]


@pytest.mark.parametrize("others", [0, 20])
def test_admins_list_accounts_newest_first(
    sign_in: SignIn,
    credential_queries: int,
    django_assert_num_queries: DjangoAssertNumQueries,
    others: int,
) -> None:
    admin = AdminFactory()
    users = [admin, *UserFactory.create_batch(others, roles=[Role.CUSTOMER])]
    client = sign_in(admin)
    client.get(ME)

    with django_assert_num_queries(credential_queries + 3):
        response = client.get(USERS)

    assert response.status_code == 200
    assert data(response)["results"] == [output(user) for user in reversed(users)]


def test_the_list_is_read_page_by_page(sign_in: SignIn) -> None:
    admin = AdminFactory()
    users = [admin, *UserFactory.create_batch(4)]
    client = sign_in(admin)

    seen = []
    page: str | None = f"{USERS}?page_size=2"
    while page:
        body = data(client.get(page))
        assert len(body["results"]) <= 2
        seen += [row["id"] for row in body["results"]]
        page = body["next"]

    assert seen == [str(user.pk) for user in reversed(users)]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"role": "admin"}, ["ann@example.com"]),
        ({"role": "customer"}, ["bob@example.org"]),
        ({"email": "EXAMPLE.org"}, ["bob@example.org"]),
        ({"email": "example", "role": "admin"}, ["ann@example.com"]),
        ({"email": "nobody"}, []),
    ],
)
def test_the_list_is_narrowed(sign_in: SignIn, query: dict[str, str], found: list[str]) -> None:
    admin = AdminFactory(email="ann@example.com")
    UserFactory(email="bob@example.org", roles=[Role.CUSTOMER])

    body = data(sign_in(admin).get(USERS, query))

    assert [row["email"] for row in body["results"]] == found


def test_the_list_can_be_in_the_order_of_addresses(sign_in: SignIn) -> None:
    admin = AdminFactory(email="bob@example.com")
    UserFactory(email="ann@example.com")

    body = data(sign_in(admin).get(USERS, {"ordering": "email", "fields": "email"}))

    assert body["results"] == [{"email": "ann@example.com"}, {"email": "bob@example.com"}]


def test_an_unknown_role_is_refused(sign_in: SignIn) -> None:
    response = sign_in(AdminFactory()).get(USERS, {"role": "king"})

    assert response.status_code == 400
    assert error_codes(response) == [("invalid_choice", "role")]
    assert response.json()["errors"][0]["parameter"] == "role"


@pytest.mark.parametrize("method", ["get", "post"])
def test_customers_may_neither_list_nor_create_accounts(sign_in: SignIn, method: str) -> None:
    client = sign_in(UserFactory(roles=[Role.CUSTOMER]))

    response = getattr(client, method)(USERS, NEW)

    assert response.status_code == 403
    assert error_codes(response) == [("permission_denied", None)]
    assert not User.objects.filter(email="new@example.com").exists()


def test_admins_create_accounts_and_are_stamped_for_it(
    sign_in: SignIn,
    credential_queries: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    admin = AdminFactory()
    client = sign_in(admin)
    client.get(ME)

    # Who asks, the account, its entry, the wanted roles, those there are, two to give one, two for
    # the entry of that, those read; two savepoints and their release.
    with django_assert_num_queries(credential_queries + 10 + 4):
        response = client.post(USERS, {**NEW, "roles": ["admin"]})

    user = User.objects.get(email="new@example.com")
    assert response.status_code == 201
    assert data(response) == output(user)
    assert user.roles == [Role.ADMIN]
    assert (user.created_by, user.updated_by) == (admin, admin)


def test_an_address_that_is_taken_is_a_conflict(sign_in: SignIn) -> None:
    UserFactory(email="new@example.com")

    response = sign_in(AdminFactory()).post(USERS, NEW)

    assert response.status_code == 409
    assert [code for code, _ in error_codes(response)] == ["email_taken"]


@pytest.mark.parametrize(
    ("change", "codes"),
    [
        ({"email": "no address"}, [("invalid", "email")]),
        ({"email": f"{'a' * 250}@example.com"}, [("max_length", "email")]),
        ({"roles": ["king"]}, [("invalid_choice", "roles.0")]),
    ],
)
def test_input_that_is_not_valid_is_refused(
    sign_in: SignIn, change: dict[str, Any], codes: list[tuple[str, str]]
) -> None:
    response = sign_in(AdminFactory()).post(USERS, {**NEW, **change})

    assert response.status_code == 400
    assert error_codes(response) == codes


# % if cookiecutter.auth != "oidc"
def test_a_password_that_is_easy_to_guess_is_refused(sign_in: SignIn) -> None:
    response = sign_in(AdminFactory()).post(USERS, {**NEW, "password": "password"})

    assert response.status_code == 400
    assert error_codes(response) == [("password_refused", "password")]


# % endif
@shared_task(base=BaseTask, queue=Queue.DEFAULT)
def note_who_acts() -> None:
    acted.append(current_user_id())


acted: list[UUID | None] = []


@pytest.mark.django_db(transaction=True)
def test_a_task_acts_for_the_user_whose_request_sent_it(sign_in: SignIn) -> None:
    def send_task(**_: Any) -> None:
        note_who_acts.delay_on_commit()

    admin = AdminFactory()
    acted.clear()
    user_created.connect(send_task)
    try:
        sign_in(admin).post(USERS, NEW)
    finally:
        user_created.disconnect(send_task)

    assert acted == [admin.pk]
    assert current_user_id() is None
