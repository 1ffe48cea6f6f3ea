"""What follows when something happens to an account."""

from typing import Any
from uuid import uuid4

from django.dispatch import receiver

from apps.users.models import User
from apps.users.signals import account_erased, user_created
from apps.users.tasks import users_send_erased_email, users_send_welcome_email


@receiver(user_created)
def send_welcome_email(user: User, **_: Any) -> None:
    """Welcome the owner in the background, once the account is committed."""
    users_send_welcome_email.delay_on_commit(str(user.pk))


@receiver(account_erased)
def send_erased_email(email: str, **_: Any) -> None:
    """Tell the address of before, which the database does not have any more."""
    users_send_erased_email.delay_on_commit(email, uuid4().hex)
