import pytest
from django.test import Client

from apps.users.models import User
from tests.factories.users import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def superuser() -> User:
    return User.objects.create_superuser("root@example.com", PASSWORD)


@pytest.fixture
def admin_client(superuser: User) -> Client:
    """Return a client that signed in on the admin site's own page, by address and password."""
    client = Client()
    response = client.post(
        "/admin/login/?next=/admin/", {"username": "Root@Example.com", "password": PASSWORD}
    )
    assert response.url == "/admin/"
    return client


def test_the_list_shows_and_finds_accounts(admin_client: Client) -> None:
    UserFactory(email="ann@example.com")
    UserFactory(email="bob@example.com")

    page = admin_client.get("/admin/users/user/", {"q": "ann@"}).content.decode()

    assert "ann@example.com" in page
    assert "bob@example.com" not in page


def test_an_account_is_added_by_address_and_stamped(admin_client: Client, superuser: User) -> None:
    assert admin_client.get("/admin/users/user/add/").status_code == 200

    response = admin_client.post(
        "/admin/users/user/add/",
        {
            "email": "Ann@Example.com",
            "usable_password": "true",
            "password1": PASSWORD,
            "password2": PASSWORD,
        },
    )

    user = User.objects.get(email="ann@example.com")
    assert response.url == f"/admin/users/user/{user.pk}/change/"
    assert user.check_password(PASSWORD)
    assert user.created_by == superuser


def test_an_address_that_is_taken_in_another_case_is_refused(admin_client: Client) -> None:
    UserFactory(email="ann@example.com")

    response = admin_client.post(
        "/admin/users/user/add/",
        {
            "email": "ANN@example.com",
            "usable_password": "true",
            "password1": PASSWORD,
            "password2": PASSWORD,
        },
    )

    assert response.context["errors"] == [["An account with this address exists."]]


def test_an_account_is_changed(admin_client: Client, superuser: User) -> None:
    user = UserFactory(email="ann@example.com")
    page = f"/admin/users/user/{user.pk}/change/"
    assert admin_client.get(page).status_code == 200

    response = admin_client.post(page, {"email": "Ann@Example.org", "first_name": "Ann"})

    user.refresh_from_db()
    assert response.url == "/admin/users/user/"
    assert user.email == "ann@example.org"
    assert not user.is_active
    assert user.updated_by == superuser


def test_who_is_no_staff_stays_out() -> None:
    UserFactory(email="ann@example.com")

    response = Client().post("/admin/login/", {"username": "ann@example.com", "password": PASSWORD})

    assert response.status_code == 200
    assert "_auth_user_id" not in response.wsgi_request.session
