import pytest
from django.db.models import BooleanField

from apps.users.models import User
from apps.users.roles import Role


@pytest.mark.parametrize("email", ["Ann@Example.COM", " ann@example.com ", "ann@example.com"])
def test_an_address_is_kept_in_lower_case_without_blanks(email: str) -> None:
    assert User.objects.normalize_email(email) == "ann@example.com"


def test_an_account_is_no_superuser_by_default() -> None:
    flags = [field for field in User._meta.fields if isinstance(field, BooleanField)]

    assert {field.name: field.default for field in flags} == {
        "is_superuser": False,
        "is_staff": False,
        "is_active": True,
    }


def test_the_names_of_roles_never_change() -> None:
    """They are the names of groups in the database, and clients read them."""
    assert Role.values == ["customer", "staff", "manager", "auditor", "admin"]
