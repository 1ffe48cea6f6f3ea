from datetime import timedelta
from uuid import uuid4

import pytest
from django.core import mail
from django.utils import timezone

from apps.users.tasks import users_purge_expired_credentials, users_send_welcome_email
from core.security.sign_ins.backend import handle_of
from core.security.sign_ins.models import UserSession
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db


def test_the_welcome_mail_names_the_login() -> None:
    user = UserFactory(email="ann@example.com", first_name="", last_name="")

    users_send_welcome_email.delay(str(user.pk))

    [message] = mail.outbox
    assert message.to == ["ann@example.com"]
    assert message.body.startswith("Hello ann@example.com,")
    assert "Your login is this address: ann@example.com" in message.body


def test_nobody_is_welcomed_whose_account_is_gone_or_closed() -> None:
    users_send_welcome_email.delay(str(uuid4()))
    users_send_welcome_email.delay(str(UserFactory(is_active=False).pk))

    assert mail.outbox == []


def test_the_purge_removes_expired_sessions_only() -> None:
    for key, days in (("expired", -1), ("running", 1)):
        UserSession.objects.create(
            session_key=key,
            session_data="",
            expire_date=timezone.now() + timedelta(days=days),
            handle=handle_of(key),
        )

    users_purge_expired_credentials.delay()

    assert list(UserSession.objects.values_list("session_key", flat=True)) == ["running"]
