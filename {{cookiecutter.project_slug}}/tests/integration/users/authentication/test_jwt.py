import base64
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import jwt
import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from drf_spectacular.generators import SchemaGenerator
from rest_framework.test import APIClient
from rest_framework.throttling import ScopedRateThrottle
from rest_framework_simplejwt.settings import api_settings

from apps.users.authentication.jwt.backend import JWTAuthentication
from apps.users.authentication.jwt.models import EndReason, TokenFamily
from apps.users.authentication.jwt.tokens import (
    TOKEN_MAXIMUM_LENGTH,
    AccessToken,
    RefreshToken,
    current_keys,
)
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
DEADLINE_SECONDS = 60


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
    # The window slides: one of two requests has faded out within half of the next one.
    assert 0 < int(response["Retry-After"]) <= 90


def test_right_password_is_refused_after_too_many_wrong_ones(
    api_client: APIClient, user: User, two_tries: None
) -> None:
    for email in (user.email, "nobody@example.com"):
        for _ in range(2):
            refused = api_client.post(OBTAIN, {"email": email, "password": "wrong"})
            assert_refused(refused, "no_active_account")

    response, unknown = (
        api_client.post(OBTAIN, {"email": email, "password": PASSWORD})
        for email in (user.email, "nobody@example.com")
    )

    assert (response.status_code, unknown.status_code) == (429, 429)
    assert error_codes(response) == error_codes(unknown) == [("locked_out", None)]
    assert 890 <= int(response["Retry-After"]) <= 900


def test_right_password_in_time_forgets_the_wrong_ones(
    api_client: APIClient, user: User, two_tries: None
) -> None:
    passwords = ["wrong", PASSWORD, "wrong", PASSWORD]

    statuses = [
        api_client.post(OBTAIN, {"email": user.email, "password": password}).status_code
        for password in passwords
    ]

    assert statuses == [401, 200, 401, 200]


def test_tokens_live_for_fifteen_minutes_and_seven_days(tokens: dict[str, str]) -> None:
    access, refresh = AccessToken(tokens["access"]), RefreshToken(tokens["refresh"])

    assert access["exp"] - access["iat"] == 15 * 60
    assert refresh["exp"] - refresh["iat"] == 7 * 24 * 60 * 60


def test_a_refresh_token_gets_a_new_pair(
    api_client: APIClient, tokens: dict[str, str], user: User
) -> None:
    response = api_client.post(REFRESH, {"refresh": tokens["refresh"]})

    assert response.status_code == 200
    new = data(response)
    assert data(get_me(new["access"]))["id"] == str(user.pk)
    assert api_client.post(REFRESH, {"refresh": new["refresh"]}).status_code == 200


def test_tokens_of_one_sign_in_are_a_family_and_of_two_are_two(
    api_client: APIClient, tokens: dict[str, str], user: User
) -> None:
    new = data(api_client.post(REFRESH, {"refresh": tokens["refresh"]}))
    other = RefreshToken.for_user(user)

    families = {
        RefreshToken(tokens["refresh"], verify=False).family_id,
        RefreshToken(new["refresh"]).family_id,
        AccessToken(tokens["access"]).family_id,
        AccessToken(new["access"]).family_id,
    }
    assert len(families) == 1
    assert other.family_id not in families


def test_a_refresh_token_that_comes_again_ends_its_family(
    api_client: APIClient,
    tokens: dict[str, str],
    user: User,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """RFC 9700, section 4.14.2."""
    other = RefreshToken.for_user(user)
    new = data(api_client.post(REFRESH, {"refresh": tokens["refresh"]}))

    replayed = api_client.post(REFRESH, {"refresh": tokens["refresh"]})

    assert_refused(replayed)
    assert_refused(api_client.post(REFRESH, {"refresh": new["refresh"]}))
    assert_refused(get_me(tokens["access"]))
    assert_refused(get_me(new["access"]))
    for token in new.values():
        assert_refused(api_client.post(VERIFY, {"token": token}))
    ended = TokenFamily.objects.get(end_reason=EndReason.REUSED)
    assert get_me(other.access_token).status_code == 200
    [record] = [one for one in caplog.records if one.name.startswith("apps.")]
    assert record.levelname == "WARNING"
    assert record.getMessage() == (
        f"A used-up refresh token of user {user.pk} came again, from 127.0.0.1 in request "
        f"{replayed['X-Request-ID']}: family {ended.pk} has ended."
    )


def test_a_family_that_has_ended_is_told_of_once(
    api_client: APIClient, tokens: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(4):
        api_client.post(REFRESH, {"refresh": tokens["refresh"]})

    assert sum("has ended" in record.getMessage() for record in caplog.records) == 1


def test_a_used_up_refresh_token_is_not_valid_and_asking_ends_nothing(
    api_client: APIClient, tokens: dict[str, str]
) -> None:
    new = data(api_client.post(REFRESH, {"refresh": tokens["refresh"]}))

    assert_refused(api_client.post(VERIFY, {"token": tokens["refresh"]}))
    assert api_client.post(VERIFY, {"token": new["refresh"]}).status_code == 200


def test_refreshing_costs_two_queries(
    api_client: APIClient, tokens: dict[str, str], django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(2):  # User with family, rotation.
        api_client.post(REFRESH, {"refresh": tokens["refresh"]})
    with django_assert_num_queries(3):  # And the family's end.
        api_client.post(REFRESH, {"refresh": tokens["refresh"]})


def test_an_access_token_costs_one_query(
    rf: Any, tokens: dict[str, str], django_assert_num_queries: Any
) -> None:
    request = rf.get(ME, HTTP_AUTHORIZATION=f"Bearer {tokens['access']}")

    with django_assert_num_queries(1):  # User with family.
        JWTAuthentication().authenticate(request)


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_of_two_requests_with_one_refresh_token_one_wins_and_the_family_ends(
    tokens: dict[str, str],
) -> None:
    start = Barrier(2, timeout=DEADLINE_SECONDS)

    def refresh(_: int) -> HttpResponse:
        start.wait()
        try:
            return APIClient().post(REFRESH, {"refresh": tokens["refresh"]})
        finally:
            connection.close()

    # A pool may hold no more connections than a process has threads: four, unless told otherwise.
    connection.close()
    with ThreadPoolExecutor(2) as threads:
        responses = list(threads.map(refresh, range(2), timeout=DEADLINE_SECONDS))

    won, lost = sorted(responses, key=lambda response: response.status_code)
    assert won.status_code == 200
    assert_refused(lost)
    assert_refused(get_me(data(won)["access"]))


@pytest.mark.parametrize("change", ["close", "delete"])
def test_a_refresh_token_of_a_closed_or_deleted_account_is_refused(
    api_client: APIClient, tokens: dict[str, str], user: User, change: str
) -> None:
    if change == "close":
        User.objects.update(is_active=False)
        expected = "user_inactive"
    else:
        user.delete()
        expected = "token_not_valid"

    assert_refused(api_client.post(REFRESH, {"refresh": tokens["refresh"]}), expected)


def test_an_access_token_is_no_refresh_token(api_client: APIClient, tokens: dict[str, str]) -> None:
    assert_refused(api_client.post(REFRESH, {"refresh": tokens["access"]}))
    assert_refused(get_me(tokens["refresh"]))


def test_signing_out_ends_the_family(api_client: APIClient, tokens: dict[str, str]) -> None:
    response = api_client.post(LOGOUT, {"refresh": tokens["refresh"]})

    assert response.status_code == 204
    assert response.content == b""
    assert_refused(get_me(tokens["access"]))
    assert_refused(api_client.post(REFRESH, {"refresh": tokens["refresh"]}))
    assert_refused(api_client.post(LOGOUT, {"refresh": tokens["refresh"]}))
    for token in tokens.values():
        assert_refused(api_client.post(VERIFY, {"token": token}))
    assert TokenFamily.objects.get().end_reason == EndReason.SIGNED_OUT


def test_signing_out_leaves_other_sign_ins_alone(
    api_client: APIClient, tokens: dict[str, str], user: User
) -> None:
    other = RefreshToken.for_user(user)

    api_client.post(LOGOUT, {"refresh": tokens["refresh"]})

    assert get_me(other.access_token).status_code == 200
    assert api_client.post(REFRESH, {"refresh": str(other)}).status_code == 200


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


def token_of(user: User, **changes: Any) -> AccessToken:
    """Return an access token with other claims; ``None`` leaves one out."""
    token = RefreshToken.for_user(user).access_token
    token.payload |= changes
    for claim in [claim for claim, value in changes.items() if value is None]:
        del token.payload[claim]
    return token


def forged(user: User, key: str, algorithm: str = "HS256", kid: str | None = None) -> str:
    """Return a token that the service did not sign, and that says that it did."""
    headers = {"kid": kid or current_keys().signing.kid}
    return jwt.encode(token_of(user).payload, key, algorithm=algorithm, headers=headers)


def without_key_id(user: User) -> str:
    key = current_keys().signing
    return jwt.encode(token_of(user).payload, key.signs, algorithm=key.algorithm)


def tampered(user: User) -> str:
    header, _, signature = str(token_of(user)).split(".")
    payload = token_of(UserFactory()).payload
    return f"{header}.{segment(payload)}.{signature}"


def segment(content: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


def deeply_nested(_: User) -> str:
    """Return a header that takes more recursion to read than Python allows."""
    return base64.urlsafe_b64encode(b"[" * 5000).decode() + ".e30.e30"


PAST = 1_000_000_000
ATTACKS: dict[str, Callable[[User], Any]] = {
    "expired": lambda user: token_of(user, exp=PAST),
    "without an end": lambda user: token_of(user, exp=None),
    "without a family": lambda user: token_of(user, sid=None),
    "of a family that is none": lambda user: token_of(user, sid="'; --"),
    "of another's family": lambda user: token_of(
        user, sid=str(RefreshToken.for_user(UserFactory()).family_id)
    ),
    "of nobody": lambda user: token_of(user, user_id=None),
    "of a user that is none": lambda user: token_of(user, user_id=7),
    "of another type": lambda user: token_of(user, token_type="refresh"),
    "of no type": lambda user: token_of(user, token_type=None),
    "signed with SECRET_KEY": lambda user: forged(user, settings.SECRET_KEY),
    "signed with another key": lambda user: forged(user, "another key" * 5),
    "signed with nothing": lambda user: forged(user, "", "none"),
    "of an unknown key": lambda user: forged(user, settings.JWT_SIGNING_KEY, kid="unknown"),
    "of no key": without_key_id,
    "tampered": tampered,
    "huge": lambda user: str(token_of(user)) + "A" * TOKEN_MAXIMUM_LENGTH,
    "deeply nested": deeply_nested,
    "no JSON": lambda user: "e30.e30",
    "not ASCII": lambda user: "\xe4.\xf6.\xfc",
}


@pytest.mark.parametrize("make", ATTACKS.values(), ids=ATTACKS)
def test_a_token_that_is_not_of_this_service_or_over_is_refused(
    user: User, make: Callable[[User], Any]
) -> None:
    assert_refused(get_me(make(user)))


@pytest.mark.parametrize("path", [REFRESH, LOGOUT])
@pytest.mark.parametrize(
    "make",
    [
        lambda user: "A" * 1_000_000,
        deeply_nested,
        lambda user: forged(user, "", "none"),
        tampered,
        token_of,
    ],
    ids=["huge", "deeply nested", "signed with nothing", "tampered", "an access token"],
)
def test_what_is_no_refresh_token_is_refused(
    api_client: APIClient, user: User, path: str, make: Callable[[User], Any]
) -> None:
    assert_refused(api_client.post(path, {"refresh": str(make(user))}))


@pytest.mark.parametrize("claim", ["iss", "aud"])
def test_a_token_of_another_issuer_or_for_another_audience_is_refused(
    user: User, claim: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings_of = {"iss": "ISSUER", "aud": "AUDIENCE"}
    own = token_of(user)
    without = str(own)
    for name in settings_of.values():
        monkeypatch.setattr(api_settings, name, "https://api.example.com")
    expected = str(own)
    monkeypatch.setattr(api_settings, settings_of[claim], "https://other.example.com")
    other = str(own)
    monkeypatch.setattr(api_settings, settings_of[claim], "https://api.example.com")

    assert get_me(expected).status_code == 200
    assert_refused(get_me(other))
    assert_refused(get_me(without))


def test_the_keys_for_tokens_and_for_all_else_are_two() -> None:
    assert settings.JWT_SIGNING_KEY != settings.SECRET_KEY


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
    assert_refused(refreshed, "password_changed")


def test_a_header_of_another_kind_is_no_credential(user: User) -> None:
    response = APIClient().get(ME, HTTP_AUTHORIZATION="Basic YW5uOnNlY3JldA==")

    assert_refused(response, "not_authenticated")


def test_the_purge_removes_expired_families_only(user: User) -> None:
    expired, ended, running = (RefreshToken.for_user(user).family_id for _ in range(3))
    now = timezone.now()
    TokenFamily.objects.filter(pk=expired).update(expires_at=now - timedelta(seconds=1))
    TokenFamily.objects.filter(pk=ended).update(ended_at=now, end_reason=EndReason.REUSED)

    users_purge_expired_credentials.delay()

    assert set(TokenFamily.objects.values_list("pk", flat=True)) == {ended, running}


def test_a_family_lives_as_long_as_its_latest_token(
    api_client: APIClient, tokens: dict[str, str]
) -> None:
    TokenFamily.objects.update(expires_at=timezone.now())

    new = data(api_client.post(REFRESH, {"refresh": tokens["refresh"]}))

    expires_at = TokenFamily.objects.get().expires_at
    assert int(expires_at.timestamp()) == RefreshToken(new["refresh"])["exp"]


def test_an_admin_ends_a_family_by_deleting_it(user: User) -> None:
    family = RefreshToken.for_user(user)
    admin = Client()
    admin.force_login(User.objects.create_superuser("root@example.com", PASSWORD))
    page = admin.get("/admin/jwt/tokenfamily/", {"q": "ann@"}).content.decode()

    admin.post(f"/admin/jwt/tokenfamily/{family.family_id}/delete/", {"post": "yes"})

    assert str(family.family_id) in page
    assert admin.get("/admin/jwt/tokenfamily/add/").status_code == 403
    assert_refused(get_me(family.access_token))


def test_the_schema_names_the_credentials() -> None:
    schema = SchemaGenerator().get_schema(public=True)

    assert schema["components"]["securitySchemes"]["jwtAuth"] == {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "The `access` token of `POST /api/v1/auth/token/`.",
    }
    assert {"jwtAuth": []} in schema["paths"]["/api/v1/users/me/"]["get"]["security"]
