"""What follows when somebody asks for a mail, or has a new password."""

from typing import Any
from uuid import uuid4

from django.dispatch import receiver

from apps.users.authentication.accounts.tasks import (
    users_send_email_change_emails,
    users_send_password_reset_email,
    users_send_registration_email,
)
from apps.users.models import User
from apps.users.services.accounts.signals import (
    credentials_changed,
    email_change_requested,
    password_reset_requested,
    registration_requested,
)
from core.security.sign_ins.services import sessions_end


@receiver(registration_requested)
def send_registration_email(email: str, **_: Any) -> None:
    users_send_registration_email.delay_on_commit(email, uuid4().hex)


@receiver(password_reset_requested)
def send_password_reset_email(email: str, **_: Any) -> None:
    users_send_password_reset_email.delay_on_commit(email, uuid4().hex)


@receiver(email_change_requested)
def send_email_change_emails(user: User, email: str, **_: Any) -> None:
    users_send_email_change_emails.delay_on_commit(str(user.pk), email, uuid4().hex)


@receiver(credentials_changed)
def end_sessions(user: User, **_: Any) -> None:
    """End all sessions, those of the admin too."""
    sessions_end(user_id=user.pk)
