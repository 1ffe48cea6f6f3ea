"""Requests whose mails are sent, and the tokens in those."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.http import HttpResponse
from pytest_django import DjangoCaptureOnCommitCallbacks
from rest_framework.test import APIClient

AUTH = "/api/v1/auth/"
TOKEN = re.compile(r"[\w-]+:\w{6}:[\w-]{43}")


class Mails:
    """Calls as ``client``, and then has the tasks run that this has sent."""

    def __init__(self, capture: DjangoCaptureOnCommitCallbacks) -> None:
        self._capture = capture

    def post(self, route: str, body: Any, client: APIClient | None = None) -> HttpResponse:
        with self._capture(execute=True):
            return (client or APIClient()).post(f"{AUTH}{route}/", body)

    def last(self) -> EmailMessage:
        return mail.outbox[-1]

    def token(self) -> str:
        """Return the token in the last mail."""
        found = TOKEN.search(str(self.last().body))
        assert found
        return found[0]


@pytest.fixture
def mails(django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks) -> Mails:
    return Mails(django_capture_on_commit_callbacks)


@pytest.fixture
def token_of(mails: Mails) -> Callable[..., str]:
    """Return a function that asks for a mail and gives the token in it."""

    def token_of(route: str, body: Any, client: APIClient | None = None) -> str:
        assert mails.post(route, body, client).status_code == 202
        return mails.token()

    return token_of
