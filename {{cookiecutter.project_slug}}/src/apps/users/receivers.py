"""What follows when something happens to an account."""

from typing import Any

from django.dispatch import receiver

from apps.users.models import User
from apps.users.signals import user_created
from apps.users.tasks import users_send_welcome_email


@receiver(user_created)
def send_welcome_email(user: User, **_: Any) -> None:
    """Welcome the owner in the background, once the account is committed."""
    users_send_welcome_email.delay_on_commit(str(user.pk))
