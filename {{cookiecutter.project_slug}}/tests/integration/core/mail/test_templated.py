"""Mail as a mail server gets it, over SMTP."""

import smtplib
from collections.abc import Iterator

import environ
import pytest

from config.settings.mail import mail
from core.jobs.models import Effect
from core.mail.templated import MailRefusedError, send_templated
from tests.smtp import MailServer, mail_server

pytestmark = pytest.mark.django_db


@pytest.fixture
def server(monkeypatch, settings) -> Iterator[MailServer]:
    """Return a mail server that the service uses."""
    with mail_server() as server:
        monkeypatch.setenv("EMAIL_URL", server.url)
        for name, value in mail(environ.Env()).items():
            setattr(settings, name, value)
        settings.DEFAULT_FROM_EMAIL = "Shop <shop@example.com>"
        yield server


def send(name: str = "Ann") -> None:
    send_templated(
        template="users/mail/welcome",
        context={"name": name, "service": "the shop", "email": "ann@example.com"},
        to="ann@example.com",
        key="user-1.welcome",
    )


def test_mail_arrives_as_text_and_html(server):
    send()

    [message] = server.messages
    assert server.recipients == [["ann@example.com"]]
    assert message["To"] == "ann@example.com"
    assert message["From"] == "Shop <shop@example.com>"
    assert message["Subject"] == "Welcome to the shop"
    assert message.get_content_type() == "multipart/alternative"
    kinds = [part.get_content_type() for part in message.iter_parts()]
    assert kinds == ["text/plain", "text/html"]
    text = message.get_body(("plain",)).get_content()
    assert text.splitlines()[:2] == ["Hello Ann,", ""]
    assert "<p>Hello Ann,</p>" in message.get_body(("html",)).get_content()


def test_values_are_escaped_in_html_only(server):
    send('<b>"Ünal" & co</b>')

    [message] = server.messages
    text, html = (message.get_body((kind,)).get_content() for kind in ("plain", "html"))
    assert 'Hello <b>"Ünal" & co</b>,' in text
    assert "Hello &lt;b&gt;&quot;Ünal&quot; &amp; co&lt;/b&gt;," in html


def test_value_cannot_end_the_subject(server):
    send_templated(
        template="users/mail/welcome",
        context={"service": "x\r\nBcc: other@example.com"},
        to="ann@example.com",
        key="user-1.welcome",
    )

    [message] = server.messages
    assert message["Subject"] == "Welcome to x Bcc: other@example.com"
    assert message["Bcc"] is None
    assert server.recipients == [["ann@example.com"]]


def test_mail_is_sent_once(server):
    send()
    send()

    assert [message["Message-ID"] for message in server.messages] == [
        "<user-1.welcome@example.com>"
    ]


def test_mail_that_is_sent_again_is_known_as_the_same(server):
    for _ in range(2):  # As after a process that was killed before it could note the mail.
        Effect.objects.all().delete()
        send()

    first, second = (message["Message-ID"] for message in server.messages)
    assert first == second


def test_refusal_of_the_mail_server_is_an_error_that_tasks_try_again(server):
    server.refusal = "451 later"

    with pytest.raises(smtplib.SMTPDataError) as refusal:
        send()

    assert isinstance(refusal.value, OSError)
    assert server.messages == []


def test_mail_that_the_mail_server_never_takes_fails_at_once(server):
    server.refusal = "554 never"

    with pytest.raises(MailRefusedError, match="never"):
        send()

    assert not issubclass(MailRefusedError, OSError)


def test_recipient_whom_the_mail_server_does_not_know_fails_at_once(server):
    server.recipient_refusal = "550 unknown"

    with pytest.raises(MailRefusedError, match="unknown"):
        send()


def test_recipient_who_has_no_room_now_is_tried_again(server):
    server.recipient_refusal = "452 full"

    with pytest.raises(smtplib.SMTPRecipientsRefused):
        send()


def test_mail_server_that_is_away_is_an_error_that_tasks_try_again(server):
    server.shutdown()
    server.server_close()

    with pytest.raises(OSError, match="refused"):
        send()
