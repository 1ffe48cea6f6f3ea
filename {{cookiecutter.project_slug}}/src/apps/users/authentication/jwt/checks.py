"""What ``manage.py check --deploy`` finds in the settings of tokens."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.conf import settings

from core.security.deploy import deploy_check

ACCESS_MAXIMUM = timedelta(hours=1)
REFRESH_MAXIMUM = timedelta(days=30)


@deploy_check(
    "jwt.W001",
    hint="Lower JWT_ACCESS_MINUTES: clients get new ones with their refresh token.",
    link="https://www.rfc-editor.org/rfc/rfc9700#section-4.10",
)
def access_tokens_end_soon() -> Iterator[str]:
    if lifetime("ACCESS") > ACCESS_MAXIMUM:
        yield "An access token is good for more than an hour, and cannot be taken back."


@deploy_check(
    "jwt.W002",
    hint="Lower JWT_REFRESH_DAYS.",
    link="https://www.rfc-editor.org/rfc/rfc9700#section-4.14",
)
def refresh_tokens_end() -> Iterator[str]:
    if lifetime("REFRESH") > REFRESH_MAXIMUM:
        yield "Who does not come back stays signed in for more than 30 days."


def lifetime(kind: str) -> timedelta:
    configured: Any = settings.SIMPLE_JWT
    found: timedelta = configured[f"{kind}_TOKEN_LIFETIME"]
    return found
