"""Tokens in mails: signed, each for one purpose, good for ``ACCOUNT_TOKEN_HOURS``.

No table keeps them. What they change ends them: a registration the account that it makes, a password
the one before, an address the one before.

https://docs.djangoproject.com/en/stable/topics/signing/
"""

from datetime import timedelta
from enum import StrEnum

from django.conf import settings
from django.core import signing
from django.utils.crypto import constant_time_compare, salted_hmac

from apps.users.models import User
from apps.users.services.accounts.errors import TokenRefusedError


class Purpose(StrEnum):
    """What a token is for: it is good for nothing else."""

    REGISTRATION = "registration"
    PASSWORD_RESET = "password-reset"  # noqa: S105 (no password) # nosec B105
    EMAIL_CHANGE = "email-change"


def token_make(purpose: Purpose, **content: str) -> str:
    """Return a token that says ``content``, which whoever has it can read."""
    return signing.dumps(content, salt=_salt(purpose))


def token_read(purpose: Purpose, token: str) -> dict[str, str]:
    """Return what a token says.

    Raises:
        TokenRefusedError: when it was not made for this, or too long ago.
    """
    lifetime = timedelta(hours=settings.ACCOUNT_TOKEN_HOURS)
    try:
        content: dict[str, str] = signing.loads(token, salt=_salt(purpose), max_age=lifetime)
    except signing.BadSignature as error:
        raise refused() from error
    return content


def state_of(user: User, *, key: str | None = None) -> str:
    """Return what stands for password and address of ``user``, and changes with either."""
    content = f"{user.password}\n{user.email}"
    state = salted_hmac("users.state", content, secret=key, algorithm="sha256")
    return state.hexdigest()


def is_state_of(state: str, user: User) -> bool:
    """Tell whether the account is as it was when ``state`` was taken, with a former key too."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return any(constant_time_compare(state, state_of(user, key=key)) for key in keys)


def user_of(content: dict[str, str]) -> User:
    """Return the account that a token is for, locked until the transaction ends.

    Raises:
        TokenRefusedError: when it is gone, closed, or has another password or address since then.
    """
    user = User.objects.select_for_update().filter(pk=content["user"], is_active=True).first()
    if user is None or not is_state_of(content["state"], user):
        raise refused()
    return user


def refused() -> TokenRefusedError:
    return TokenRefusedError(
        "The token is not valid, or no longer. Ask for another mail.", field="token"
    )


def _salt(purpose: Purpose) -> str:
    return f"users.{purpose}"
