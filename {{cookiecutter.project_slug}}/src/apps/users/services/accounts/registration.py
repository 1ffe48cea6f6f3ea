"""New accounts, for people who have shown that the address is theirs.

Until then the database knows nothing of them, neither an account nor a password. So nobody can make an
account with somebody else's address and wait for them to come:
https://www.microsoft.com/en-us/msrc/blog/2022/05/pre-hijacking-attacks
"""

from django.conf import settings

from apps.users.models import User
from apps.users.services.accounts.errors import RegistrationClosedError
from apps.users.services.accounts.signals import registration_requested
from apps.users.services.accounts.tokens import Purpose, token_read
from apps.users.services.users import user_create
from core.security.security_log import log_event


def registration_request(*, email: str) -> None:
    """Have a mail sent to ``email``. No query: whether there is an account, the mail alone tells.

    Raises:
        RegistrationClosedError: when ``REGISTRATION_OPEN`` is off.
    """
    _check_open()
    log_event("registration_requested")
    registration_requested.send(User, email=User.objects.normalize_email(email))


def registration_confirm(
    *, token: str, password: str, first_name: str = "", last_name: str = ""
) -> User:
    """Make the account of the address in ``token``. Of two requests at once, one does.

    Raises:
        RegistrationClosedError: when ``REGISTRATION_OPEN`` is off.
        TokenRefusedError: when the token is none of a registration, or too old.
        EmailTakenError: when there is an account; whoever has the token owns its address.
        PasswordRefusedError: when the password is too easy to guess.
    """
    _check_open()
    email = token_read(Purpose.REGISTRATION, token)["email"]
    user = user_create(email=email, password=password, first_name=first_name, last_name=last_name)
    log_event("registered", user_id=user.pk)
    return user


def _check_open() -> None:
    if not settings.REGISTRATION_OPEN:
        raise RegistrationClosedError("Accounts are made by administrators only.")
