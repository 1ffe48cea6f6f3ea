"""Mail as text and HTML, from three templates, sent once.

https://docs.djangoproject.com/en/stable/topics/email/#sending-alternative-content-types
"""

import smtplib
from collections.abc import Mapping
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from core.jobs.effects import once
from core.jobs.errors import PermanentError


class MailRefusedError(PermanentError):
    """The mail server will never take this mail: its answer was a 5xx."""


def send_templated(*, template: str, context: Mapping[str, Any], to: str, key: str) -> None:
    """Hand a mail over to the mail server, unless it has taken one with this ``key``.

    Whether it took a mail that was cut off, or the last one of a process that was killed, nobody
    knows; that is sent again. Both have the same ``Message-ID``, by which mail servers and programs
    tell that they are one.

    Args:
        template: ``orders/mail/confirmation`` for the templates ``.subject.txt``, ``.txt`` and
            ``.html`` of that name. Values are escaped in HTML; in text, the template says
            ``autoescape off``.
        context: the values.
        to: the address. One: of several, a mail server may take some and refuse the others.
        key: what this mail is about, the same at each try: letters, digits, dots and dashes.

    Raises:
        EffectHeldError: while another process sends it.
        MailRefusedError: if the mail server refuses it for good.
        OSError: if the mail server is away or takes it later, which all errors of smtplib are.
        RuntimeError: within a transaction, see ``core.jobs.effects.once``.
    """
    with once(f"mail:{key}") as is_first:
        if is_first:
            _send(template=template, context=context, to=to, key=key)


def _send(*, template: str, context: Mapping[str, Any], to: str, key: str) -> None:
    # One line, whatever is in the values: a header ends there.
    subject = " ".join(render_to_string(f"{template}.subject.txt", dict(context)).split())
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    message = EmailMultiAlternatives(
        subject=subject,
        body=render_to_string(f"{template}.txt", dict(context)).strip() + "\n",
        to=[to],
        headers={"Message-ID": f"<{key}@{domain}>"},
    )
    message.attach_alternative(render_to_string(f"{template}.html", dict(context)), "text/html")
    try:
        message.send()
    except (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused) as error:
        if _is_permanent(error):
            raise MailRefusedError(str(error)) from error
        raise


def _is_permanent(error: smtplib.SMTPResponseException | smtplib.SMTPRecipientsRefused) -> bool:
    """Tell whether trying again is useless.

    https://www.rfc-editor.org/rfc/rfc5321#section-4.2.1
    """
    if isinstance(error, smtplib.SMTPAuthenticationError):  # Somebody mends the settings.
        return False
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _ in error.recipients.values())
    return error.smtp_code >= 500
