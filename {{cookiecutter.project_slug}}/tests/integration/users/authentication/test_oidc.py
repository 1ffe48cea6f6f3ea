import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from threading import Barrier, Event, Thread
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.core import mail
from django.db import connection
from django.http import HttpResponse
from drf_spectacular.generators import SchemaGenerator
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings
from rest_framework.test import APIClient

from apps.users.authentication.oidc import tokens
from apps.users.authentication.oidc.models import ExternalIdentity
from apps.users.authentication.oidc.services import user_provision
from apps.users.models import Role, User
from tests.authentication.oidc import Issuer, running_issuer
from tests.bodies import data, error_codes
from tests.factories.users import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db

ME = "/api/v1/users/me/"
VERIFIED = {"email": "Ann@Example.com", "email_verified": True}


@pytest.fixture
def issuer(settings: Settings) -> Iterator[Issuer]:
    """Return an issuer that no other test uses, so that this one may break it."""
    with running_issuer() as issuer:
        for name, value in issuer.environment.items():
            setattr(settings, name, value)
        yield issuer


def get_me(token: str) -> HttpResponse:
    # The exception behind a 503 is for the log, not for this client.
    client = APIClient(raise_request_exception=False)
    return client.get(ME, HTTP_AUTHORIZATION=f"Bearer {token}")


def assert_refused(response: HttpResponse, code: str = "token_not_valid") -> None:
    assert response.status_code == 401
    assert error_codes(response) == [(code, None)]
    assert response["WWW-Authenticate"] == 'Bearer realm="api"'


def assert_unavailable(response: HttpResponse) -> None:
    assert response.status_code == 503
    assert error_codes(response) == [("issuer_unavailable", None)]
    assert int(response["Retry-After"]) == tokens.RETRY_AFTER_SECONDS


# Accounts


def test_the_first_sign_in_makes_an_account(
    issuer: Issuer, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    token = issuer.token("ann", **VERIFIED, given_name="An\x00n", family_name="B" * 200)

    with django_capture_on_commit_callbacks(execute=True):
        response = get_me(token)

    user = User.objects.get()
    assert response.status_code == 200
    assert data(response)["id"] == str(user.pk)
    assert user.email == "ann@example.com"
    assert (user.first_name, user.last_name) == ("Ann", "B" * 150)
    assert user.roles == [Role.MEMBER]
    assert not user.has_usable_password()
    assert [message.to for message in mail.outbox] == [["ann@example.com"]]


def test_later_sign_ins_find_the_account_by_subject_alone(issuer: Issuer) -> None:
    first = data(get_me(issuer.token("ann", **VERIFIED)))

    assert data(get_me(issuer.token("ann")))["id"] == first["id"]
    assert data(get_me(issuer.token("ann", email="new@example.com"))) == first


def test_a_verified_address_brings_its_account(issuer: Issuer) -> None:
    user = UserFactory(email="ann@example.com")

    assert data(get_me(issuer.token("ann", **VERIFIED)))["id"] == str(user.pk)
    assert user.external_identities.get().subject == "ann"


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"email": "ann@example.com"},
        {"email": "ann@example.com", "email_verified": False},
        {"email": "ann@example.com", "email_verified": "true"},
        {"email": "no address", "email_verified": True},
        {"email": f"{'a' * 250}@example.com", "email_verified": True},
        {"email": ["ann@example.com"], "email_verified": True},
    ],
)
def test_without_a_verified_address_no_account_is_taken_or_made(
    issuer: Issuer, claims: dict[str, Any]
) -> None:
    UserFactory(email="ann@example.com")

    response = get_me(issuer.token("eve", **claims))

    assert response.status_code == 403
    assert error_codes(response) == [("email_not_verified", None)]
    assert User.objects.count() == 1
    assert not ExternalIdentity.objects.exists()


def test_an_address_that_went_to_another_subject_does_not_bring_the_account(
    issuer: Issuer,
) -> None:
    get_me(issuer.token("ann", **VERIFIED))

    response = get_me(issuer.token("eve", **VERIFIED))

    assert response.status_code == 403
    assert error_codes(response) == [("identity_conflict", None)]
    assert ExternalIdentity.objects.get().subject == "ann"


def test_subjects_that_differ_in_case_are_two_people(issuer: Issuer) -> None:
    ann = data(get_me(issuer.token("ann", email="ann@example.com", email_verified=True)))
    other = data(get_me(issuer.token("ANN", email="other@example.com", email_verified=True)))

    assert ann["id"] != other["id"]


def test_a_closed_account_is_refused(issuer: Issuer) -> None:
    UserFactory(email="ann@example.com", is_active=False)

    assert_refused(get_me(issuer.token("ann", **VERIFIED)), "user_inactive")


@pytest.mark.django_db(transaction=True)
def test_two_first_sign_ins_at_once_make_one_account(issuer: Issuer) -> None:
    claims = issuer.claims("ann", **VERIFIED)
    both_looked = Barrier(2, timeout=20)
    found: list[User] = []

    def first_sign_in() -> None:
        has_waited = False

        def wait_once(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
            nonlocal has_waited
            result = execute(sql, *rest)
            if "digest" in sql and not has_waited:
                has_waited = True
                both_looked.wait()
            return result

        try:
            with connection.execute_wrapper(wait_once):
                found.append(user_provision(claims=claims))
        finally:
            connection.close()

    threads = [Thread(target=first_sign_in) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [user.pk for user in found] == [User.objects.get().pk] * 2
    assert ExternalIdentity.objects.count() == 1


# Tokens


def test_rs256_and_es256_are_taken(issuer: Issuer) -> None:
    assert get_me(issuer.token("ann", **VERIFIED)).status_code == 200
    tokens.issuer_keys.cache_clear()
    issuer.rotate("RS256")
    assert get_me(issuer.token("ann")).status_code == 200


def test_an_audience_may_be_one_of_several(issuer: Issuer) -> None:
    token = issuer.token("ann", aud=["another", "the-service"], **VERIFIED)

    assert get_me(token).status_code == 200


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "another-service"},
        {"aud": None},
        {"iss": "https://another.example"},
        {"iss": None},
        {"exp": 1},
        {"exp": None},
        {"nbf": 4_000_000_000},
        {"sub": None},
        {"sub": 17},
    ],
    ids=str,
)
def test_a_token_with_wrong_claims_is_refused(issuer: Issuer, claims: dict[str, Any]) -> None:
    assert_refused(get_me(issuer.token("ann", **{**VERIFIED, **claims})))
    assert not User.objects.exists()


def with_another_key(issuer: Issuer) -> str:
    return jwt.encode(
        issuer.claims("ann", **VERIFIED),
        ec.generate_private_key(ec.SECP256R1()),
        algorithm="ES256",
        headers={"kid": issuer.key_id},
    )


def with_changed_claims(issuer: Issuer) -> str:
    header, _, signature = issuer.token("ann", **VERIFIED).split(".")
    return ".".join([header, encode(issuer.claims("eve", **VERIFIED)), signature])


def without_signature(issuer: Issuer) -> str:
    return jwt.encode(
        issuer.claims("ann", **VERIFIED), "", algorithm="none", headers={"kid": issuer.key_id}
    )


def signed_with_the_public_key(issuer: Issuer) -> str:
    """PyJWT refuses to make such a token, so it is made by hand (RFC 8725, section 2.1)."""
    public = issuer.key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    header = {"alg": "HS256", "typ": "JWT", "kid": issuer.key_id}
    signed = f"{encode(header)}.{encode(issuer.claims('ann', **VERIFIED))}"
    signature = hmac.new(public, signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{base64url(signature)}"


def without_key_id(issuer: Issuer) -> str:
    return jwt.encode(issuer.claims("ann", **VERIFIED), issuer.key, algorithm="ES256")


def no_token(issuer: Issuer) -> str:
    return "no token"


def encode(value: dict[str, Any]) -> str:
    return base64url(json.dumps(value).encode())


def base64url(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


@pytest.mark.parametrize(
    "make",
    [
        with_another_key,
        with_changed_claims,
        without_signature,
        signed_with_the_public_key,
        without_key_id,
        no_token,
    ],
)
def test_a_token_that_the_issuer_did_not_sign_is_refused(
    issuer: Issuer, make: Callable[[Issuer], str]
) -> None:
    assert_refused(get_me(make(issuer)))
    assert not User.objects.exists()


def test_a_header_of_another_kind_is_no_credential(issuer: Issuer) -> None:
    response = APIClient().get(ME, HTTP_AUTHORIZATION="Basic YW5uOnNlY3JldA==")

    assert_refused(response, "not_authenticated")
    assert issuer.fetches == 0


# Keys


def test_the_keys_are_read_once(issuer: Issuer) -> None:
    for _ in range(3):
        assert get_me(issuer.token("ann", **VERIFIED)).status_code == 200

    assert issuer.fetches == 1


def test_a_new_key_of_the_issuer_is_read(issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "REFETCH_AFTER_SECONDS", 0)
    old = issuer.token("ann", **VERIFIED)
    assert get_me(old).status_code == 200

    issuer.rotate()

    assert get_me(issuer.token("ann")).status_code == 200
    assert_refused(get_me(old))


def test_unknown_keys_do_not_make_the_service_ask_again_and_again(issuer: Issuer) -> None:
    get_me(issuer.token("ann", **VERIFIED))

    for key_id in ("one", "two", "three"):
        issuer.key_id = key_id
        assert_refused(get_me(issuer.token("ann")))

    assert issuer.fetches == 1


def test_an_issuer_that_is_down_is_503(issuer: Issuer, caplog: pytest.LogCaptureFixture) -> None:
    issuer.stop()

    assert_unavailable(get_me(issuer.token("ann", **VERIFIED)))
    assert f"OIDC_JWKS_URL {issuer.jwks_url} gives no keys" in caplog.text


def test_keys_that_are_known_outlast_the_issuer(issuer: Issuer) -> None:
    get_me(issuer.token("ann", **VERIFIED))

    issuer.stop()

    assert get_me(issuer.token("ann")).status_code == 200


@pytest.mark.parametrize(
    "answer",
    [(500, b"{}"), (200, b"<html>"), (200, b"[]"), (200, b'{"keys": []}')],
    ids=["an error", "no JSON", "no object", "no keys"],
)
def test_an_issuer_that_gives_no_keys_is_503(
    issuer: Issuer, answer: tuple[int, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    token, good = issuer.token("ann", **VERIFIED), issuer.answer
    issuer.answer = lambda: answer

    assert_unavailable(get_me(token))
    assert_unavailable(get_me(token))
    assert issuer.fetches == 1

    # When that time is over, it is asked again.
    monkeypatch.setattr(tokens, "RETRY_AFTER_SECONDS", 0)
    issuer.answer = good
    assert get_me(token).status_code == 200


def test_an_issuer_that_hangs_is_503(issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "FETCH_TIMEOUT_SECONDS", 0.1)
    answered, good = Event(), issuer.answer

    def hang() -> tuple[int, bytes]:
        answered.wait(10)
        return good()

    issuer.answer = hang
    try:
        assert_unavailable(get_me(issuer.token("ann", **VERIFIED)))
    finally:
        answered.set()


def test_with_nothing_set_nobody_can_sign_in_with_a_token(
    issuer: Issuer, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.OIDC_ISSUER = settings.OIDC_AUDIENCE = settings.OIDC_JWKS_URL = ""

    assert_unavailable(get_me(issuer.token("ann", **VERIFIED)))
    assert "OIDC_JWKS_URL is not set" in caplog.text


@pytest.mark.parametrize("name", ["OIDC_ISSUER", "OIDC_AUDIENCE"])
def test_an_issuer_or_audience_that_is_not_set_lets_nobody_in(
    issuer: Issuer, settings: Settings, name: str
) -> None:
    setattr(settings, name, "")

    assert_refused(get_me(issuer.token("ann", **VERIFIED)))


# Admin and schema


def test_administrators_see_and_cut_identities_but_make_none(issuer: Issuer, client: Any) -> None:
    get_me(issuer.token("ann", **VERIFIED))
    User.objects.create_superuser("root@example.com", PASSWORD)
    assert client.login(username="root@example.com", password=PASSWORD)
    identity = ExternalIdentity.objects.get()
    page = f"/admin/oidc/externalidentity/{identity.pk}"

    assert "ann at http" in client.get(f"{page}/change/").content.decode()
    assert "ann" in client.get("/admin/oidc/externalidentity/?q=ann").content.decode()
    assert client.get("/admin/oidc/externalidentity/add/").status_code == 403
    client.post(f"{page}/delete/", {"post": "yes"})
    assert not ExternalIdentity.objects.exists()


def test_the_schema_names_the_credentials() -> None:
    schema = SchemaGenerator().get_schema(public=True)

    assert schema["components"]["securitySchemes"]["oidcAuth"] == {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "A token of the issuer that this service trusts.",
    }
    assert {"oidcAuth": []} in schema["paths"]["/api/v1/users/me/"]["get"]["security"]
