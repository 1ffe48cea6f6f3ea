import pytest
from django.conf import settings
from django.core.cache import cache
from django.http import HttpResponse
from drf_spectacular.generators import SchemaGenerator
from rest_framework.test import APIClient
from rest_framework.throttling import ScopedRateThrottle

from apps.users.models import User
from tests.bodies import data, error_codes
from tests.factories.users import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db

ME = "/api/v1/users/me/"
CSRF = "/api/v1/auth/csrf/"
LOGIN = "/api/v1/auth/login/"
LOGOUT = "/api/v1/auth/logout/"


@pytest.fixture
def user() -> User:
    return UserFactory(email="ann@example.com")


@pytest.fixture
def browser() -> APIClient:
    """Return a client that is treated as a browser is: without a CSRF token it may not write."""
    return APIClient(enforce_csrf_checks=True)


def fetch_csrf_token(browser: APIClient) -> None:
    token = data(browser.get(CSRF))["csrf_token"]
    browser.credentials(HTTP_X_CSRFTOKEN=token)


def sign_in_with(
    browser: APIClient, email: str = "ann@example.com", password: str = PASSWORD
) -> HttpResponse:
    fetch_csrf_token(browser)
    return browser.post(LOGIN, {"email": email, "password": password})


def assert_refused(response: HttpResponse, status: int, code: str) -> None:
    assert response.status_code == status
    assert error_codes(response) == [(code, None)]


@pytest.mark.parametrize("email", ["ann@example.com", "Ann@Example.COM"])
def test_a_user_signs_in(browser: APIClient, user: User, email: str) -> None:
    response = sign_in_with(browser, email=email)

    assert response.status_code == 200
    assert data(response)["id"] == str(user.pk)
    assert data(browser.get(ME))["id"] == str(user.pk)
    assert browser.cookies[settings.SESSION_COOKIE_NAME]["httponly"]
    user.refresh_from_db()
    assert user.last_login is not None


def test_csrf_token_and_session_are_kept_by_no_cache(browser: APIClient, user: User) -> None:
    answers = [browser.get(CSRF), sign_in_with(browser)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert ["no-store" in answer["Cache-Control"] for answer in answers] == [True, True]


def test_every_refused_sign_in_has_the_same_answer(browser: APIClient, user: User) -> None:
    browser.defaults["HTTP_X_REQUEST_ID"] = "same"
    UserFactory(email="closed@example.com", is_active=False)
    refused = [
        sign_in_with(browser, email, password)
        for email, password in [
            ("ann@example.com", "wrong"),
            ("nobody@example.com", PASSWORD),
            ("closed@example.com", PASSWORD),
        ]
    ]

    for response in refused:
        assert_refused(response, 401, "no_active_account")
        assert response["WWW-Authenticate"] == 'Session realm="api"'
    assert len({response.content for response in refused}) == 1


def test_signing_in_needs_a_csrf_token(browser: APIClient, user: User) -> None:
    response = browser.post(LOGIN, {"email": user.email, "password": PASSWORD})

    assert_refused(response, 403, "csrf_failed")
    assert settings.SESSION_COOKIE_NAME not in browser.cookies


def test_signing_in_changes_the_key_of_the_session(browser: APIClient, user: User) -> None:
    """A key that somebody else knew beforehand must not become a key to the account."""
    session = browser.session
    session["basket"] = "kept"
    session.save()
    known = session.session_key

    sign_in_with(browser)

    assert browser.session["basket"] == "kept"
    assert browser.session.session_key != known


def test_signing_in_is_throttled(
    browser: APIClient, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.clear()
    monkeypatch.setattr(ScopedRateThrottle, "THROTTLE_RATES", {"sign-in": "2/min"})
    statuses = [sign_in_with(browser, password="wrong").status_code for _ in range(2)]

    response = sign_in_with(browser)

    assert statuses == [401, 401]
    assert_refused(response, 429, "throttled")
    # The window slides: one of two requests has faded out within half of the next one.
    assert 0 < int(response["Retry-After"]) <= 90


def test_right_password_is_refused_after_too_many_wrong_ones(
    browser: APIClient, user: User, two_tries: None
) -> None:
    statuses = [sign_in_with(browser, password="wrong").status_code for _ in range(2)]

    response = sign_in_with(browser)

    assert statuses == [401, 401]
    assert_refused(response, 429, "locked_out")
    assert 890 <= int(response["Retry-After"]) <= 900


def test_reading_needs_no_csrf_token_and_writing_does(browser: APIClient, user: User) -> None:
    sign_in_with(browser)
    browser.credentials()

    assert browser.get(ME).status_code == 200
    assert_refused(browser.patch(ME, {"first_name": "Eve"}), 403, "csrf_failed")
    assert_refused(browser.post(LOGOUT), 403, "csrf_failed")
    fetch_csrf_token(browser)
    assert browser.patch(ME, {"first_name": "Ann"}).status_code == 200


def test_a_token_from_before_the_sign_in_is_over(browser: APIClient, user: User) -> None:
    sign_in_with(browser)

    assert_refused(browser.patch(ME, {"first_name": "Eve"}), 403, "csrf_failed")


def test_signing_out_ends_the_session(browser: APIClient, user: User) -> None:
    sign_in_with(browser)
    fetch_csrf_token(browser)

    response = browser.post(LOGOUT)

    assert response.status_code == 204
    assert response.content == b""
    assert_refused(browser.get(ME), 401, "not_authenticated")


def test_signing_out_needs_a_session(browser: APIClient) -> None:
    fetch_csrf_token(browser)

    assert_refused(browser.post(LOGOUT), 401, "not_authenticated")


def test_a_closed_account_is_refused_though_its_session_still_runs(
    browser: APIClient, user: User
) -> None:
    sign_in_with(browser)
    User.objects.update(is_active=False)

    assert_refused(browser.get(ME), 401, "not_authenticated")


def test_input_that_is_not_complete_is_refused(browser: APIClient) -> None:
    fetch_csrf_token(browser)

    response = browser.post(LOGIN, {"email": "ann@example.com"})

    assert response.status_code == 400
    assert error_codes(response) == [("required", "password")]


def test_the_schema_names_the_credentials() -> None:
    schema = SchemaGenerator().get_schema(public=True)

    assert schema["components"]["securitySchemes"]["cookieAuth"] == {
        "type": "apiKey",
        "in": "cookie",
        "name": "sessionid",
        "description": (
            "The cookie of `POST /api/v1/auth/login/`. All but GET requests carry the token of "
            "`GET /api/v1/auth/csrf/` too, in the header `X-CSRFToken`."
        ),
    }
    assert {"cookieAuth": []} in schema["paths"]["/api/v1/users/me/"]["get"]["security"]
