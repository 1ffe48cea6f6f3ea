"""Signing in with tokens that the service itself hands out."""

from apps.users.authentication.jwt.tokens import RefreshToken
from apps.users.models import User
from tests.authentication.jwt import sign_in_id
from tests.contract.known import Known
from tests.factories.users import PASSWORD

COUNT = 100


def known(user: User) -> Known:
    return Known(
        ids={"DELETE /api/v1/auth/sessions/{id}/": [sign_in_id(user) for _ in range(COUNT)]},
        bodies={
            "POST /api/v1/auth/token/": [{"email": user.email, "password": PASSWORD}],
            "POST /api/v1/auth/token/refresh/": refresh_tokens(user),
            "POST /api/v1/auth/token/verify/": [
                {"token": str(RefreshToken.for_user(user).access_token)}
            ],
            "POST /api/v1/auth/logout/": refresh_tokens(user),
        },
    )


def refresh_tokens(user: User) -> list[dict[str, str]]:
    """Return bodies of which each is good for once."""
    return [{"refresh": str(RefreshToken.for_user(user))} for _ in range(COUNT)]
