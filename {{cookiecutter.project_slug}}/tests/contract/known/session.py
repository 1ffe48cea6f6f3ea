"""Signing in as a browser does."""

from apps.users.models import User
from tests.contract.known import Known
from tests.factories.users import PASSWORD


def known(user: User) -> Known:
    return Known(bodies={"POST /api/v1/auth/login/": [{"email": user.email, "password": PASSWORD}]})
