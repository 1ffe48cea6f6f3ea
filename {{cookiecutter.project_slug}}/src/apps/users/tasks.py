"""Work on accounts outside of requests."""

from celery import shared_task
from django.conf import settings
from django.core.management import call_command

from apps.users.models import User
from core.jobs.queues import Queue
from core.jobs.tasks import TRANSIENT_ERRORS, BaseTask
from core.mail.templated import send_templated


# Everything that smtplib raises is an OSError, and so is a mail server that is not found.
@shared_task(base=BaseTask, queue=Queue.DEFAULT, autoretry_for=(*TRANSIENT_ERRORS, OSError))
def users_send_welcome_email(user_id: str) -> None:
    """Welcome a new user by mail, once."""
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None:  # Removed or closed in the meantime.
        return
    service = settings.SPECTACULAR_SETTINGS["TITLE"]
    name = user.get_full_name() or user.email
    send_templated(
        template="users/mail/welcome",
        context={"name": name, "service": service, "email": user.email},
        to=user.email,
        key=f"user-{user.pk}.welcome",
    )


@shared_task(base=BaseTask, queue=Queue.DEFAULT, autoretry_for=(*TRANSIENT_ERRORS, OSError))
def users_send_erased_email(email: str, request: str) -> None:
    """Tell whoever has ``email`` that the account is erased; ``request`` names what it is told for."""
    send_templated(
        template="users/mail/erased",
        context={"service": settings.SPECTACULAR_SETTINGS["TITLE"]},
        to=email,
        key=f"account.erased.{request}",
    )


@shared_task(base=BaseTask, queue=Queue.BULK)
def users_purge_expired_credentials() -> None:
    """Remove sessions, and other credentials that the database keeps, once they have expired."""
    for command in settings.PURGE_CREDENTIALS_COMMANDS:
        call_command(command)
