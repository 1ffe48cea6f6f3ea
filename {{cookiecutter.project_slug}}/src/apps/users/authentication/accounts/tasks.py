"""The mails of accounts. Whether there is an account is looked up here, where no caller waits.

Tokens are made here too, so that no broker and no dead letter holds one. ``request`` names what the
mail was asked for by, so that each is sent once.
"""

from typing import Any

from celery import shared_task
from django.conf import settings

from apps.users.models import User
from apps.users.services.accounts.tokens import Purpose, state_of, token_make
from core.jobs.queues import Queue
from core.jobs.tasks import TRANSIENT_ERRORS, BaseTask
from core.mail.templated import send_templated

# Everything that smtplib raises is an OSError, and so is a mail server that is not found.
RETRIED = (*TRANSIENT_ERRORS, OSError)


@shared_task(base=BaseTask, queue=Queue.CRITICAL, autoretry_for=RETRIED)
def users_send_registration_email(email: str, request: str) -> None:
    """Tell whoever has ``email`` how to go on, or that there is an account."""
    if User.objects.filter(email=email).exists():
        send(template="account_exists", to=email, request=request)
        return
    token = token_make(Purpose.REGISTRATION, email=email)
    send_token(Purpose.REGISTRATION, token, template="registration", to=email, request=request)


@shared_task(base=BaseTask, queue=Queue.CRITICAL, autoretry_for=RETRIED)
def users_send_password_reset_email(email: str, request: str) -> None:
    """Send the token to who may sign in with a password; nothing to anybody else."""
    user = User.objects.filter(email=email, is_active=True).first()
    if user is None or not user.has_usable_password():
        return
    token = token_make(Purpose.PASSWORD_RESET, user=str(user.pk), state=state_of(user))
    send_token(Purpose.PASSWORD_RESET, token, template="password_reset", to=email, request=request)


@shared_task(base=BaseTask, queue=Queue.CRITICAL, autoretry_for=RETRIED)
def users_send_email_change_emails(user_id: str, email: str, request: str) -> None:
    """Tell the address of now, and the new one how to go on, or that it is an account's."""
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None:
        return
    send(template="email_change_notice", to=user.email, request=request)
    if User.objects.filter(email=email).exists():
        send(template="account_exists", to=email, request=request)
        return
    token = token_make(Purpose.EMAIL_CHANGE, user=str(user.pk), state=state_of(user), email=email)
    send_token(Purpose.EMAIL_CHANGE, token, template="email_change", to=email, request=request)


def send_token(purpose: Purpose, token: str, **mail: Any) -> None:
    """Send a mail that leads on with ``token``, on a page of the front end where there is one.

    Behind the ``#`` it reaches no server, so no log has it and no ``Referer``.
    """
    page = f"{settings.FRONTEND_URL.rstrip('/')}/{purpose}#token={token}"
    route = "email" if purpose == Purpose.EMAIL_CHANGE else purpose
    send(
        **mail,
        token=token,
        page=page if settings.FRONTEND_URL else "",
        route=f"/api/v1/auth/{route}/confirm/",
        hours=settings.ACCOUNT_TOKEN_HOURS,
    )


def send(*, template: str, to: str, request: str, **context: Any) -> None:
    send_templated(
        template=f"users/mail/accounts/{template}",
        context={"service": settings.SPECTACULAR_SETTINGS["TITLE"], "email": to, **context},
        to=to,
        key=f"account.{template}.{request}",
    )
