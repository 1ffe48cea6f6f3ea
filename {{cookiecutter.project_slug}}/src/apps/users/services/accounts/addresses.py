"""Another e-mail address for an account."""

from django.db import IntegrityError, transaction

from apps.users.errors import EmailTakenError
from apps.users.models import User
from apps.users.services.accounts.passwords import require_password
from apps.users.services.accounts.signals import email_change_requested
from apps.users.services.accounts.tokens import Purpose, token_read, user_of
from core.security.security_log import log_event


def email_change_request(*, user: User, email: str, password: str) -> None:
    """Have a token sent to ``email``, and a notice to the address of now.

    Whether the address is another account's is not looked up here, and not told.

    Raises:
        WrongPasswordError: when ``password`` is not the account's.
    """
    require_password(user, password)
    log_event("email_change_requested", user_id=user.pk)
    email_change_requested.send(User, user=user, email=User.objects.normalize_email(email))


@transaction.atomic
def email_change_confirm(*, token: str) -> None:
    """Give the account the address that ``token`` was sent to.

    Raises:
        TokenRefusedError: when the token is not valid, or password or address have changed since.
        EmailTakenError: when another account has the address by now.
    """
    content = token_read(Purpose.EMAIL_CHANGE, token)
    user = user_of(content)
    user.email = content["email"]
    try:
        with transaction.atomic():
            user.save(update_fields=["email"])
    except IntegrityError as error:
        raise EmailTakenError("An account with this address exists.", field="token") from error
    log_event("email_changed", user_id=user.pk)
