"""Signing in as a browser does."""

from apps.users.models import User
from tests.authentication.session import sign_in_id
from tests.contract.known import Known
from tests.factories.users import PASSWORD

# Each ends once.
COUNT = 20


def known(user: User) -> Known:
    return Known(
        ids={"DELETE /api/v1/auth/sessions/{id}/": [sign_in_id(user) for _ in range(COUNT)]},
        bodies={"POST /api/v1/auth/login/": [{"email": user.email, "password": PASSWORD}]},
    )
