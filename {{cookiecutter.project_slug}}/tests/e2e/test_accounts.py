"""An account from registration to erasure: asked for over HTTP, told by a worker over SMTP."""

import json
from collections.abc import Iterator
from email.message import EmailMessage
from secrets import token_hex
from typing import Any

import pytest
from django.conf import settings
from django.utils.module_loading import import_string

from apps.users.models import User
from tests.bodies import data, error_codes
from tests.e2e.http import Answer, Client
from tests.e2e.processes import Launcher, Process, WebServer, wait_for
from tests.factories.users import PASSWORD
from tests.integration.users.accounts.conftest import AUTH, TOKEN
from tests.smtp import MailServer, mail_server

NEW_PASSWORD = "another-password-that-is-good-enough"
ME = "/api/v1/users/me/"
SERVICE = settings.SPECTACULAR_SETTINGS["TITLE"]

attempt = import_string("tests.e2e.authentication.{{ cookiecutter.auth }}.attempt")


class Inbox:
    """The mails that a mail server takes, each read once, and the tokens that were in them."""

    def __init__(self, server: MailServer) -> None:
        self.server = server
        self.tokens: list[str] = []
        self._read = 0

    def read(self, *expected: tuple[str, str]) -> None:
        """Wait for the mails that come next, and see that these are ``expected``: to whom, subject."""
        end = self._read + len(expected)
        # A mail is whole when its recipients are noted.
        wait_for(lambda: len(self.server.recipients) >= end, f"the mails {expected}")
        messages = self.server.messages[self._read :]
        recipients = self.server.recipients[self._read :]
        self._read = end
        subjects = [message["Subject"] for message in messages]
        assert list(zip(recipients, subjects, strict=True)) == [
            ([to], subject.format(SERVICE)) for to, subject in expected
        ]
        for message in messages:
            self.tokens.extend(tokens_of(message))

    def token(self, *expected: tuple[str, str]) -> str:
        """Read as ``read`` does, and return the one token in what came."""
        before = len(self.tokens)
        self.read(*expected)
        [token] = self.tokens[before:]
        return token


def tokens_of(message: EmailMessage) -> set[str]:
    """Return the tokens in the text of a mail, which are those in its HTML."""
    parts: list[Any] = list(message.iter_parts())
    assert [part.get_content_type() for part in parts] == ["text/plain", "text/html"]
    in_text, in_html = (set(TOKEN.findall(part.get_content())) for part in parts)
    assert in_text == in_html
    return in_text


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    with mail_server() as server:
        yield Inbox(server)


@pytest.fixture
def worker(launcher_alone: Launcher, inbox: Inbox) -> Process:
    return launcher_alone.worker(EMAIL_URL=inbox.server.url)


@pytest.fixture
def web(launcher_alone: Launcher, inbox: Inbox) -> WebServer:
    return launcher_alone.web(WEB_CONCURRENCY="1", EMAIL_URL=inbox.server.url)


def post(client: Client, route: str, expected: int, **body: str) -> Answer:
    answer = client.post(f"{AUTH}{route}/", body)
    assert answer.status_code == expected, answer.text
    return answer


def signed_in(web: WebServer, email: str, password: str) -> Client:
    client = web.client()
    answer = attempt(client, email, password)
    assert answer.status_code == 200, answer.text
    return client


def check_refused(web: WebServer, email: str, password: str) -> None:
    answer = attempt(web.client(), email, password)
    assert answer.status_code == 401
    assert error_codes(answer) == [("no_active_account", None)]


def test_account_from_registration_to_erasure(
    web: WebServer, worker: Process, inbox: Inbox
) -> None:
    name = f"ann-{token_hex(4)}"  # Of nobody whom another run has left.
    old, new = f"{name}@example.com", f"{name}@example.org"
    visitor = web.client()

    post(visitor, "registration", 202, email=old)
    token = inbox.token((old, "Your account at {}"))
    post(visitor, "registration/confirm", 201, token=token, password=PASSWORD)
    inbox.read((old, "Welcome to {}"))
    client = signed_in(web, old, PASSWORD)
    account = data(client.get(ME))
    assert account["email"] == old

    post(visitor, "registration", 202, email=old)
    inbox.read((old, "Your account at {}"))
    text = inbox.server.messages[-1].get_body(("plain",)).get_content()
    assert "There is one already" in text
    assert len(inbox.tokens) == 1
    assert User.objects.filter(email__startswith=name).count() == 1

    post(visitor, "password-reset", 202, email=old)
    token = inbox.token((old, "A new password for {}"))
    post(visitor, "password-reset/confirm", 204, token=token, password=NEW_PASSWORD)
    assert client.get(ME).status_code == 401
    check_refused(web, old, PASSWORD)
    client = signed_in(web, old, NEW_PASSWORD)

    post(client, "email", 202, email=new, password=NEW_PASSWORD)
    token = inbox.token(
        (old, "Another address for your account at {}"), (new, "Your new address at {}")
    )
    post(visitor, "email/confirm", 204, token=token)
    client = signed_in(web, new, NEW_PASSWORD)
    assert data(client.get(ME)) | {"email": old} == account

    body = json.dumps({"password": NEW_PASSWORD}).encode()
    answer = client.request("DELETE", ME, body=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 204, answer.text
    inbox.read((new, "Your account at {} is erased"))
    check_refused(web, new, NEW_PASSWORD)

    worker.stop()
    inbox.read()
    printed = web.output + worker.output
    assert "event=registered" in printed
    assert [secret for secret in (PASSWORD, NEW_PASSWORD, *inbox.tokens) if secret in printed] == []
