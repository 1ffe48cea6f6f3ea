"""Passwords: forgotten ones, and new ones."""

from django.db import transaction

from apps.users.models import User
from apps.users.services.accounts.errors import WrongPasswordError
from apps.users.services.accounts.signals import credentials_changed, password_reset_requested
from apps.users.services.accounts.tokens import Purpose, token_read, user_of
from apps.users.services.users import check_password
from core.security.security_log import log_event


def password_reset_request(*, email: str) -> None:
    """Have a mail sent to ``email`` if it is an account's. No query: the task looks."""
    log_event("password_reset_requested")
    password_reset_requested.send(User, email=User.objects.normalize_email(email))


@transaction.atomic
def password_reset_confirm(*, token: str, password: str) -> None:
    """Set a new password with the token of a mail, and end all sign-ins.

    Raises:
        TokenRefusedError: when the token is not valid, or was used.
        PasswordRefusedError: when the password is too easy to guess.
    """
    user = user_of(token_read(Purpose.PASSWORD_RESET, token))
    _set(user, password, field="password")
    log_event("password_reset", user_id=user.pk)


@transaction.atomic
def password_change(*, user: User, password: str, new_password: str) -> None:
    """Replace the password, and end all sign-ins. The caller's own is for the view to keep.

    Raises:
        WrongPasswordError: when ``password`` is not the current one.
        PasswordRefusedError: when the new one is too easy to guess.
        StaleRecordError: if the account was written since it was read.
    """
    require_password(user, password)
    _set(user, new_password, field="new_password")
    log_event("password_changed", user_id=user.pk)


def require_password(user: User, password: str) -> None:
    """Refuse whoever does not know the password of ``user``, such as the thief of a session.

    Raises:
        WrongPasswordError: when it is another.
    """
    if not user.check_password(password):
        log_event("password_wrong", user_id=user.pk)
        raise WrongPasswordError("This is not the password of the account.", field="password")


def _set(user: User, password: str, *, field: str) -> None:
    check_password(password, user, field=field)
    user.set_password(password)
    user.save(update_fields=["password"])
    credentials_changed.send(User, user=user)
