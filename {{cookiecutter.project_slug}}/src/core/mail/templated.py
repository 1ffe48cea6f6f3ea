"""Mail as text and HTML, from three templates.

https://docs.djangoproject.com/en/stable/topics/email/#sending-alternative-content-types
"""

from collections.abc import Mapping, Sequence
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string


def send_templated(
    *, template: str, context: Mapping[str, Any], to: Sequence[str], key: str
) -> None:
    """Hand a mail over to the mail server.

    Whether a mail arrived that was cut off, nobody knows; it is sent again then. Both have the same
    ``Message-ID``, by which mail servers and programs tell that they are one.

    Args:
        template: ``orders/mail/confirmation`` for the templates ``.subject.txt``, ``.txt`` and
            ``.html`` of that name. Values are escaped in HTML; in text, the template says
            ``autoescape off``.
        context: the values.
        to: the addresses, each of which sees the others.
        key: what this mail is about, the same at each try: letters, digits, dots and dashes.

    Raises:
        OSError: if the mail server does not take it, which all errors of smtplib are.
    """
    # One line, whatever is in the values: a header ends there.
    subject = " ".join(render_to_string(f"{template}.subject.txt", dict(context)).split())
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    message = EmailMultiAlternatives(
        subject=subject,
        body=render_to_string(f"{template}.txt", dict(context)).strip() + "\n",
        to=list(to),
        headers={"Message-ID": f"<{key}@{domain}>"},
    )
    message.attach_alternative(render_to_string(f"{template}.html", dict(context)), "text/html")
    message.send()
