"""Accounts."""

from apps.users.models import User
from tests.contract.known import Known
from tests.factories.users import PASSWORD, AdminFactory, UserFactory

COUNT = 20
# Each is good for once.
NEW_COUNT = 2000


def known(user: User) -> Known:
    # The last one could not be erased.
    AdminFactory()
    return Known(
        ids={"users": [str(UserFactory().pk) for _ in range(COUNT)]},
        bodies={
            "POST /api/v1/users/": [
                {"email": f"contract-{number}@example.com", "password": PASSWORD}
                for number in range(NEW_COUNT)
            ],
        },
        # % if cookiecutter.auth != "oidc"
        # Nobody is told the password.
        refusing=["DELETE /api/v1/users/me/"],
        # % endif
    )
