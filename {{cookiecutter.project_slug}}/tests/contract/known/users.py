"""Accounts."""

from apps.users.models import User
from tests.contract.known import Known
from tests.factories.users import PASSWORD, UserFactory

COUNT = 20
# Each is good for once.
NEW_COUNT = 2000


def known(user: User) -> Known:
    return Known(
        ids={"users": [str(UserFactory().pk) for _ in range(COUNT)]},
        bodies={
            "POST /api/v1/users/": [
                {"email": f"contract-{number}@example.com", "password": PASSWORD}
                for number in range(NEW_COUNT)
            ],
        },
        # With the right password it would end the sign-in of all that follows; and the only admin stays.
        refusing=["DELETE /api/v1/users/me/"],
    )
