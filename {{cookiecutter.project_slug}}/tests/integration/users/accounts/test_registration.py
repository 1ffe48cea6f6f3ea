"""An account comes to be when its address is shown to be the caller's, and not before."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from types import SimpleNamespace

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core import mail, signing
from django.core.cache import cache
from django.db import connection
from pytest_django import DjangoAssertNumQueries, Settings
from rest_framework.test import APIClient
from rest_framework.throttling import SimpleRateThrottle

from apps.users.authentication.accounts.throttles import RecipientThrottle
from apps.users.models import User
from apps.users.services.accounts.tokens import Purpose, token_make
from core.security.redaction import redacted
from tests.bodies import data, error_codes
from tests.factories.users import PASSWORD, UserFactory
from tests.integration.users.accounts.conftest import AUTH, Mails

pytestmark = pytest.mark.django_db

ASK = {"email": "Ann@Example.com"}
DEADLINE_SECONDS = 60


def confirm(token: str, password: str = PASSWORD):
    body = {"token": token, "password": password, "first_name": "Ann"}
    return APIClient().post(f"{AUTH}registration/confirm/", body)


def test_an_account_is_made_with_the_token_of_the_mail(token_of: Callable[..., str]) -> None:
    token = token_of("registration", ASK)
    assert not User.objects.exists()

    response = confirm(token)

    user = User.objects.get()
    assert response.status_code == 201
    assert "no-store" in response["Cache-Control"]
    assert data(response)["email"] == user.email == "ann@example.com"
    assert user.check_password(PASSWORD)
    assert not user.is_staff


def test_the_token_is_good_for_one_account(token_of: Callable[..., str]) -> None:
    token = token_of("registration", ASK)
    confirm(token)

    response = confirm(token)

    assert response.status_code == 409
    assert error_codes(response) == [("email_taken", "email")]
    assert User.objects.count() == 1


def test_whether_there_is_an_account_is_told_by_the_mail_alone(
    mails: Mails, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """Nothing is looked up, hashed or written before the answer, so it takes as long, too."""
    UserFactory(email="ann@example.com")
    client = APIClient(HTTP_X_REQUEST_ID="same")

    answers = []
    for email in ("ann@example.com", "new@example.com"):
        with django_assert_num_queries(0):
            answers.append(client.post(f"{AUTH}registration/", {"email": email}))

    assert [answer.status_code for answer in answers] == [202, 202]
    assert answers[0].content == answers[1].content
    for email, says in (("ann@example.com", "There is one already"), ("new@example.com", "token")):
        mails.post("registration", {"email": email})
        assert mails.last().to == [email]
        assert says in mails.last().body


def test_mails_lead_to_the_front_end(token_of: Callable[..., str], settings: Settings) -> None:
    settings.FRONTEND_URL = "https://www.example.com/"

    token_of("registration", ASK)

    assert "https://www.example.com/registration#token=" in mail.outbox[0].body


@pytest.mark.parametrize(
    "token",
    ["", "nonsense", token_make(Purpose.EMAIL_CHANGE, email="ann@example.com")],
    ids=["none", "nonsense", "of another purpose"],
)
def test_other_tokens_are_refused(token: str) -> None:
    response = confirm(token)

    assert response.status_code == 400
    assert error_codes(response) == [("token_refused" if token else "blank", "token")]
    assert not User.objects.exists()


def test_a_token_is_good_for_some_hours(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.ACCOUNT_TOKEN_HOURS = 4
    clock = SimpleNamespace(time=lambda: 1_800_000_000)
    monkeypatch.setattr(signing, "time", clock)
    token = token_make(Purpose.REGISTRATION, email="ann@example.com")

    clock.time = lambda: 1_800_000_000 + 4 * 60 * 60 + 1
    assert error_codes(confirm(token)) == [("token_refused", "token")]
    clock.time = lambda: 1_800_000_000 + 4 * 60 * 60
    assert confirm(token).status_code == 201


def test_a_password_that_is_easy_to_guess_is_refused(token_of: Callable[..., str]) -> None:
    response = confirm(token_of("registration", ASK), "password")

    assert error_codes(response) == [("password_refused", "password")]
    assert not User.objects.exists()


def test_registration_can_be_closed(settings: Settings) -> None:
    settings.REGISTRATION_OPEN = False
    token = token_make(Purpose.REGISTRATION, email="ann@example.com")

    for response in (APIClient().post(f"{AUTH}registration/", ASK), confirm(token)):
        assert response.status_code == 403
        assert error_codes(response) == [("registration_closed", None)]
    assert not User.objects.exists()


def test_nobody_is_flooded_with_mail(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever address the caller has, and however the recipient's is written."""
    cache.clear()
    monkeypatch.setattr(SimpleRateThrottle, "THROTTLE_RATES", {"account-mail": "2/hour"})
    monkeypatch.setattr(
        "apps.users.authentication.accounts.views.RegistrationView.throttle_classes",
        [RecipientThrottle],
    )

    statuses = [
        APIClient(REMOTE_ADDR=f"192.0.2.{number}")
        .post(f"{AUTH}registration/", {"email": email})
        .status_code
        for number, email in enumerate(
            ["ann@example.com", "ANN@example.com", "ann@example.com", "bob@example.com"]
        )
    ]

    assert statuses == [202, 202, 429, 202]


def test_no_log_shows_a_token() -> None:
    token = token_make(Purpose.REGISTRATION, email="ann@example.com")

    assert redacted(f"GET /registration?x={token} 200") == "GET /registration?x=*** 200"


@pytest.mark.parametrize("email", ["ann@example.com", "nobody@example.com"])
def test_signing_in_hashes_once_whether_there_is_an_account(
    email: str, sign_in_path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    UserFactory(email="ann@example.com")
    hashed = []
    encode = MD5PasswordHasher.encode

    def counting(self, password: str, salt: str) -> str:
        hashed.append(password)
        return encode(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", counting)

    response = APIClient().post(sign_in_path, {"email": email, "password": "wrong"})

    assert response.status_code == 401
    assert hashed == ["wrong"]


@pytest.fixture
def sign_in_path() -> str:
    return {"jwt": f"{AUTH}token/", "session": f"{AUTH}login/"}["{{ cookiecutter.auth }}"]


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_confirmations_at_once_make_one_account() -> None:
    token = token_make(Purpose.REGISTRATION, email="ann@example.com")
    start = Barrier(2, timeout=DEADLINE_SECONDS)

    def run(_: int) -> int:
        start.wait()
        try:
            return int(confirm(token).status_code)
        finally:
            connection.close()

    connection.close()
    with ThreadPoolExecutor(2) as threads:
        statuses = sorted(threads.map(run, range(2), timeout=DEADLINE_SECONDS))

    assert statuses == [201, 409]
    assert User.objects.count() == 1
