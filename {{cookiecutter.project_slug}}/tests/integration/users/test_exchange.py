import pytest
from django.urls import reverse

from apps.users.exchange import UserResource
from apps.users.roles import Role
from tests.bodies import data, error_codes
from tests.factories.users import AdminFactory, UserFactory

pytestmark = pytest.mark.django_db
URL = reverse("exchange-jobs")
EXPORT = {"direction": "export", "resource": "users", "format": "csv"}


def test_admins_export_the_accounts(
    sign_in, settings, tmp_path, django_capture_on_commit_callbacks
):
    settings.MEDIA_ROOT = tmp_path
    admin = AdminFactory(email="ada@example.com", first_name="=Ada")
    client = sign_in(admin)

    with django_capture_on_commit_callbacks(execute=True):
        job = data(client.post(URL, EXPORT))
    file = client.get(reverse("exchange-job-file", args=[job["id"]])).getvalue().decode()

    header, row = file.splitlines()
    assert header == "id,email,first_name,last_name,roles,is_active,date_joined,last_login"
    assert row.startswith(f"{admin.pk},ada@example.com,'=Ada,")
    assert row.split(",")[4:6] == ["admin", "True"]


def test_customers_export_no_accounts(sign_in):
    response = sign_in(UserFactory(roles=[Role.CUSTOMER])).post(URL, EXPORT)

    assert response.status_code == 403


def test_nobody_imports_accounts(sign_in):
    response = sign_in(AdminFactory()).post(
        URL, {**EXPORT, "direction": "import", "file": "a"}, format="multipart"
    )

    assert error_codes(response) == [("invalid", "file")]


def test_export_costs_the_same_for_many_accounts(django_assert_num_queries):
    UserFactory.create_batch(5, roles=[Role.CUSTOMER])
    resource = UserResource()

    with django_assert_num_queries(2):  # The accounts, their roles.
        rows = list(resource.export_rows(resource.visible_to(user=None)))

    assert len(rows) == 5
