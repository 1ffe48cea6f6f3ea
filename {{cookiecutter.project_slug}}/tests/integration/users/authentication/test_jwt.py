from collections.abc import Callable
from datetime import timedelta
from typing import Any

import jwt
import pytest
from django.conf import settings
from django.core.cache import cache
from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.generators import SchemaGenerator
from rest_framework.test import APIClient
from rest_framework.throttling import ScopedRateThrottle
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken, OutstandingToken
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken

from apps.users.authentication.jwt.serializers import OneTimeRefreshToken
from apps.users.models import User
from apps.users.tasks import users_purge_expired_credentials
from tests.bodies import data, error_codes
from tests.factories.users import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db

ME = "/api/v1/users/me/"
OBTAIN = "/api/v1/auth/token/"
REFRESH = "/api/v1/auth/token/refresh/"
VERIFY = "/api/v1/auth/token/verify/"
LOGOUT = "/api/v1/auth/logout/"


@pytest.fixture
def user() -> User:
    return UserFactory(email="ann@example.com")


@pytest.fixture
def tokens(api_client: APIClient, user: User) -> dict[str, str]:
    """Return the pair of tokens that the user got."""
    tokens: dict[str, str] = data(
        api_client.post(OBTAIN, {"email": user.email, "password": PASSWORD})
    )
    return tokens


def get_me(token: Any) -> HttpResponse:
    return APIClient().get(ME, HTTP_AUTHORIZATION=f"Bearer {token}")


def assert_refused(response: HttpResponse, code: str = "token_not_valid") -> None:
    assert response.status_code == 401
    assert error_codes(response) == [(code, None)]
    assert response["WWW-Authenticate"] == 'Bearer realm="api"'


@pytest.mark.parametrize("email", ["ann@example.com", "Ann@Example.COM"])
def test_a_user_signs_in(api_client: APIClient, user: User, email: str) -> None:
    response = api_client.post(OBTAIN, {"email": email, "password": PASSWORD})

    assert response.status_code == 200
    assert sorted(data(response)) == ["access", "refresh"]
    assert "no-store" in response["Cache-Control"]
    assert data(get_me(data(response)["access"]))["id"] == str(user.pk)
    user.refresh_from_db()
    assert user.last_login is not None


def test_tokens_are_kept_by_no_cache(api_client: APIClient, tokens: dict[str, str]) -> None:
    response = api_client.post(REFRESH, {"refresh": tokens["refresh"]})

    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]


def test_every_refused_sign_in_has_the_same_answer(api_client: APIClient, user: User) -> None:
    api_client.defaults["HTTP_X_REQUEST_ID"] = "same"
    UserFactory(email="closed@example.com", is_active=False)
    refused = [
        api_client.post(OBTAIN, {"email": email, "password": password})
        for email, password in [
            ("ann@example.com", "wrong"),
            ("nobody@example.com", PASSWORD),
            ("closed@example.com", PASSWORD),
        ]
    ]

    for response in refused:
        assert_refused(response, "no_active_account")
    assert len({response.content for response in refused}) == 1


def test_signing_in_is_throttled(
    api_client: APIClient, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.clear()
    monkeypatch.setattr(ScopedRateThrottle, "THROTTLE_RATES", {"sign-in": "2/min"})
    statuses = [
        api_client.post(OBTAIN, {"email": user.email, "password": "wrong"}).status_code
        for _ in range(2)
    ]

    response = api_client.post(OBTAIN, {"email": user.email, "password": PASSWORD})

    assert statuses == [401, 401]
    assert response.status_code == 429
    assert error_codes(response) == [("throttled", None)]
    assert 0 < int(response["Retry-After"]) <= 60


def test_a_refresh_token_gets_a_new_pair_once(
    api_client: APIClient, tokens: dict[str, str], user: User
) -> None:
    response = api_client.post(REFRESH, {"refresh": tokens["refresh"]})

    assert response.status_code == 200
    new = data(response)
    assert data(get_me(new["access"]))["id"] == str(user.pk)
    assert_refused(api_client.post(REFRESH, {"refresh": tokens["refresh"]}))
    assert api_client.post(REFRESH, {"refresh": new["refresh"]}).status_code == 200


def test_two_requests_at_once_cannot_both_use_a_refresh_token(tokens: dict[str, str]) -> None:
    one, other = (OneTimeRefreshToken(tokens["refresh"]) for _ in range(2))

    one.blacklist()

    with pytest.raises(TokenError):
        other.blacklist()


@pytest.mark.parametrize("change", ["close", "delete"])
def test_a_refresh_token_of_a_closed_or_deleted_account_is_refused(
    api_client: APIClient, tokens: dict[str, str], user: User, change: str
) -> None:
    if change == "close":
        User.objects.update(is_active=False)
        expected = "no_active_account"
    else:
        user.delete()
        expected = "token_not_valid"

    assert_refused(api_client.post(REFRESH, {"refresh": tokens["refresh"]}), expected)


def test_an_access_token_is_no_refresh_token(api_client: APIClient, tokens: dict[str, str]) -> None:
    assert_refused(api_client.post(REFRESH, {"refresh": tokens["access"]}))
    assert_refused(get_me(tokens["refresh"]))


def test_signing_out_uses_the_refresh_token_up(
    api_client: APIClient, tokens: dict[str, str]
) -> None:
    response = api_client.post(LOGOUT, {"refresh": tokens["refresh"]})

    assert response.status_code == 204
    assert response.content == b""
    assert_refused(api_client.post(REFRESH, {"refresh": tokens["refresh"]}))
    assert_refused(api_client.post(LOGOUT, {"refresh": tokens["refresh"]}))
    assert_refused(api_client.post(VERIFY, {"token": tokens["refresh"]}))


def test_tokens_are_verified(api_client: APIClient, tokens: dict[str, str]) -> None:
    for token in tokens.values():
        assert api_client.post(VERIFY, {"token": token}).status_code == 200
    assert_refused(api_client.post(VERIFY, {"token": "no token"}))


@pytest.mark.parametrize("path", [REFRESH, LOGOUT])
def test_what_is_no_token_is_refused(api_client: APIClient, path: str) -> None:
    assert_refused(api_client.post(path, {"refresh": "no token"}))
    missing = api_client.post(path, {})
    assert missing.status_code == 400
    assert error_codes(missing) == [("required", "refresh")]


def expired(user: User) -> str:
    token = AccessToken.for_user(user)
    token.set_exp(lifetime=-timedelta(seconds=1))
    return str(token)


def signed_with(key: str) -> Callable[[User], str]:
    return lambda user: jwt.encode(AccessToken.for_user(user).payload, key, algorithm="HS256")


def unsigned(user: User) -> str:
    return jwt.encode(AccessToken.for_user(user).payload, "", algorithm="none")


@pytest.mark.parametrize(
    "make",
    [expired, signed_with(settings.SECRET_KEY), signed_with("another key" * 5), unsigned],
    ids=["expired", "signed with SECRET_KEY", "signed with another key", "unsigned"],
)
def test_a_token_that_is_not_of_this_service_or_over_is_refused(
    user: User, make: Callable[[User], str]
) -> None:
    assert_refused(get_me(make(user)))


def test_the_keys_for_tokens_and_for_all_else_are_two() -> None:
    assert settings.SIMPLE_JWT["SIGNING_KEY"] != settings.SECRET_KEY


def test_a_closed_account_is_refused_though_its_token_still_runs(
    user: User, tokens: dict[str, str]
) -> None:
    User.objects.update(is_active=False)

    assert_refused(get_me(tokens["access"]), "user_inactive")


def test_a_new_password_ends_the_tokens_made_before(
    api_client: APIClient, user: User, tokens: dict[str, str]
) -> None:
    user.set_password("another password that is good enough")
    user.save()

    assert_refused(get_me(tokens["access"]), "password_changed")
    refreshed = api_client.post(REFRESH, {"refresh": tokens["refresh"]})
    assert_refused(get_me(data(refreshed)["access"]), "password_changed")


def test_a_header_of_another_kind_is_no_credential(user: User) -> None:
    response = APIClient().get(ME, HTTP_AUTHORIZATION="Basic YW5uOnNlY3JldA==")

    assert_refused(response, "not_authenticated")


def test_the_purge_removes_expired_tokens_only(user: User) -> None:
    for _ in range(2):
        RefreshToken.for_user(user).blacklist()
    first = OutstandingToken.objects.order_by("pk")[0]
    first.expires_at = timezone.now() - timedelta(days=1)
    first.save()

    users_purge_expired_credentials.delay()

    assert OutstandingToken.objects.count() == 1
    assert not OutstandingToken.objects.filter(pk=first.pk).exists()
    assert BlacklistedToken.objects.count() == 1


def test_the_schema_names_the_credentials() -> None:
    schema = SchemaGenerator().get_schema(public=True)

    assert schema["components"]["securitySchemes"]["jwtAuth"] == {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "The `access` token of `POST /api/v1/auth/token/`.",
    }
    assert {"jwtAuth": []} in schema["paths"]["/api/v1/users/me/"]["get"]["security"]
