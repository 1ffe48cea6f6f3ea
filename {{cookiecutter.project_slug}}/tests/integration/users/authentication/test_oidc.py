import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator
from threading import Barrier, Thread
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from django.apps import apps as django_apps
from django.core import mail
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.http import HttpResponse
from drf_spectacular.generators import SchemaGenerator
from jwt.algorithms import RSAAlgorithm
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks, Settings
from rest_framework.test import APIClient

from apps.users.authentication.oidc import keys, tokens
from apps.users.authentication.oidc.models import ExternalIdentity
from apps.users.authentication.oidc.services import user_provision
from apps.users.models import User
from apps.users.roles import Role
from apps.users.services import user_assign_roles
from tests.authentication.oidc import Issuer, IssuerServer, running_server
from tests.bodies import data, error_codes
from tests.factories.users import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db

ME = "/api/v1/users/me/"
VERIFIED = {"email": "Ann@Example.com", "email_verified": True}


@pytest.fixture
def issuer(issuer_server: IssuerServer, settings: Settings) -> Issuer:
    """Return an issuer that no other test uses, so that this one may break it."""
    return trusted(Issuer(issuer_server), settings)


@pytest.fixture
def lonely_issuer(settings: Settings) -> Iterator[Issuer]:
    """Return one whose process no other test uses, so that this one may stop it."""
    with running_server() as server:
        yield trusted(Issuer(server), settings)


def trusted(issuer: Issuer, settings: Settings) -> Issuer:
    for name, value in issuer.environment.items():
        setattr(settings, name, value)
    return issuer


@pytest.fixture
def wait(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Return a function that lets the service's clock for keys run ahead by so many seconds."""
    ahead = 0.0

    def wait(seconds: float) -> None:
        nonlocal ahead
        ahead += seconds

    monkeypatch.setattr(keys, "monotonic", lambda: time.monotonic() + ahead)
    return wait


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
    assert int(response["Retry-After"]) == keys.RETRY_AFTER_SECONDS


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
    assert user.roles == [Role.CUSTOMER]
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
    UserFactory(email="ann@example.com", is_active=False, roles=[])

    assert_refused(get_me(issuer.token("ann", **VERIFIED)), "user_inactive")


def twice_at_once(call: Callable[[], Any]) -> list[Any]:
    """Return what ``call`` returns in each of two threads, which go on when both have read the identity."""
    both_looked = Barrier(2, timeout=20)
    found: list[Any] = []

    def run() -> None:
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
                found.append(call())
        finally:
            connection.close()

    threads = [Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


@pytest.mark.django_db(transaction=True)
def test_two_first_sign_ins_at_once_make_one_account(issuer: Issuer) -> None:
    claims = issuer.claims("ann", **VERIFIED)

    found = twice_at_once(lambda: user_provision(claims=claims))

    assert [user.pk for user in found] == [User.objects.get().pk] * 2
    assert ExternalIdentity.objects.count() == 1


# Tokens


def test_rs256_and_es256_are_taken(issuer: Issuer, wait: Callable[[float], None]) -> None:
    assert get_me(issuer.token("ann", **VERIFIED)).status_code == 200
    wait(keys.REFETCH_AFTER_SECONDS)
    issuer.rotate("RS256")
    assert get_me(issuer.token("ann")).status_code == 200


def test_an_audience_may_be_one_of_several(issuer: Issuer) -> None:
    token = issuer.token("ann", aud=["another", "the-service"], **VERIFIED)

    assert get_me(token).status_code == 200


@pytest.mark.parametrize("claims", [{"azp": "app"}, {"client_id": "batch"}], ids=str)
def test_a_client_that_is_named_is_let_in(
    issuer: Issuer, settings: Settings, claims: dict[str, Any]
) -> None:
    settings.OIDC_CLIENT_IDS = ["app", "batch"]

    assert get_me(issuer.token("ann", **VERIFIED, **claims)).status_code == 200


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"azp": "other"},
        {"azp": ["app"]},
        {"client_id": "other"},
        {"azp": "other", "client_id": "app"},
        {"azp": "other", "aud": ["the-service", "app"]},
    ],
    ids=str,
)
def test_a_client_that_is_not_named_is_refused(
    issuer: Issuer, settings: Settings, claims: dict[str, Any]
) -> None:
    settings.OIDC_CLIENT_IDS = ["app"]

    assert_refused(get_me(issuer.token("ann", **{**VERIFIED, **claims})))


@pytest.mark.parametrize("kind", ["JWT", "jwt", "at+jwt", "application/at+jwt"])
def test_id_tokens_and_access_tokens_are_taken(issuer: Issuer, kind: str) -> None:
    token = issuer.token("ann", headers={"typ": kind}, **VERIFIED)

    assert get_me(token).status_code == 200


@pytest.mark.parametrize("kind", ["logout+jwt", "secevent+jwt", 17])
def test_a_token_of_another_type_is_refused(issuer: Issuer, kind: Any) -> None:
    token = by_hand(issuer, {"typ": kind}, issuer.claims("ann", **VERIFIED))

    assert_refused(get_me(token))


@pytest.mark.parametrize(("claim", "seconds"), [("exp", -5), ("nbf", 9), ("iat", 9)])
def test_clocks_may_differ_by_ten_seconds(issuer: Issuer, claim: str, seconds: int) -> None:
    claims = {claim: int(time.time()) + seconds}

    assert get_me(issuer.token("ann", **VERIFIED, **claims)).status_code == 200


@pytest.mark.parametrize(("claim", "seconds"), [("exp", -11), ("nbf", 20), ("iat", 20)])
def test_clocks_may_not_differ_by_more(issuer: Issuer, claim: str, seconds: int) -> None:
    claims = {claim: int(time.time()) + seconds}

    assert_refused(get_me(issuer.token("ann", **VERIFIED, **claims)))


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
        {"nbf": "tomorrow"},
        {"iat": 4_000_000_000},
        {"exp": float("inf")},
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


def by_hand(issuer: Issuer, header: dict[str, Any], claims: dict[str, Any]) -> str:
    """PyJWT refuses to write some headers."""
    header = {"alg": "ES256", "kid": issuer.key_id, **header}
    signed = f"{encode(header)}.{encode(claims)}".encode()
    algorithm = jwt.get_algorithm_by_name("ES256")
    return f"{signed.decode()}.{base64url(algorithm.sign(signed, issuer.key))}"


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


@pytest.mark.parametrize("make", [without_signature, signed_with_the_public_key, without_key_id])
def test_a_token_that_no_key_could_have_signed_costs_the_issuer_nothing(
    issuer: Issuer, make: Callable[[Issuer], str]
) -> None:
    assert_refused(get_me(make(issuer)))
    assert (issuer.discoveries, issuer.fetches) == (0, 0)


def test_a_token_of_the_maximal_length_is_taken_and_a_longer_one_is_not_looked_at(
    issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = issuer.token("ann", **VERIFIED)

    monkeypatch.setattr(tokens, "TOKEN_MAXIMUM_LENGTH", len(token) - 1)
    assert_refused(get_me(token))
    assert (issuer.discoveries, issuer.fetches) == (0, 0)

    monkeypatch.setattr(tokens, "TOKEN_MAXIMUM_LENGTH", len(token))
    assert get_me(token).status_code == 200


@pytest.mark.parametrize(
    "token",
    ["A" * 1_000_000, "." * 1_000_000, base64.b64encode(b"[" * 6000).decode() + ".e30.", "é" * 50],
    ids=["huge", "dots", "deep", "not ASCII"],
)
def test_what_is_no_token_costs_the_issuer_nothing(issuer: Issuer, token: str) -> None:
    assert_refused(get_me(token.encode().decode("latin-1")))
    assert (issuer.discoveries, issuer.fetches) == (0, 0)


def test_a_header_of_another_kind_is_no_credential(issuer: Issuer) -> None:
    response = APIClient().get(ME, HTTP_AUTHORIZATION="Basic YW5uOnNlY3JldA==")

    assert_refused(response, "not_authenticated")
    assert issuer.fetches == 0


# Keys


def test_the_keys_are_found_and_read_once(issuer: Issuer) -> None:
    for _ in range(3):
        assert get_me(issuer.token("ann", **VERIFIED)).status_code == 200

    assert (issuer.discoveries, issuer.fetches) == (1, 1)


def test_an_address_of_the_keys_that_is_set_is_used(issuer: Issuer, settings: Settings) -> None:
    settings.OIDC_JWKS_URL = f"{issuer.jwks_url}-of-mine?version=2"
    issuer.server.publish(
        f"{issuer.path}/keys-of-mine?version=2", json.dumps({"keys": [issuer.public]})
    )

    assert get_me(issuer.token("ann", **VERIFIED)).status_code == 200
    assert (issuer.discoveries, issuer.fetches) == (0, 0)


def test_an_issuer_may_end_with_a_slash(issuer: Issuer, settings: Settings) -> None:
    issuer.url = settings.OIDC_ISSUER = f"{issuer.url}/"
    issuer.publish_discovery()

    assert get_me(issuer.token("ann", **VERIFIED)).status_code == 200


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"issuer": "http://127.0.0.1/another"}, "another than OIDC_ISSUER"),
        ({"issuer": None}, "another than OIDC_ISSUER"),
        ({"jwks_uri": None}, "no http or https URL"),
        ({"jwks_uri": "file:///etc/passwd"}, "no http or https URL"),
        ({"jwks_uri": "http:///keys"}, "and a host"),
        ({"jwks_uri": "http://ann:secret@127.0.0.1/"}, "has a user"),
        ({"jwks_uri": "http://127.0.0.1:a/"}, "Invalid port"),
    ],
    ids=str,
)
def test_a_discovery_document_that_must_not_be_believed_is_503(
    issuer: Issuer, caplog: pytest.LogCaptureFixture, changes: dict[str, Any], reason: str
) -> None:
    document = {"issuer": issuer.url, "jwks_uri": issuer.jwks_url, **changes}
    issuer.publish_discovery(json.dumps(document))

    assert_unavailable(get_me(issuer.token("ann", **VERIFIED)))
    assert issuer.fetches == 0
    assert reason in caplog.text
    assert "secret" not in caplog.text


def test_keys_of_an_https_issuer_are_not_read_without_tls(
    issuer: Issuer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The document comes from here, since no authority vouches for a server of a test."""
    url = "https://issuer.invalid"
    document = {"issuer": url, "jwks_uri": issuer.jwks_url}
    monkeypatch.setattr(keys, "read_document", lambda _: document)

    with pytest.raises(keys.IssuerUnavailableError):
        keys.IssuerKeys(issuer=url).key("any")

    assert "jwks_uri in its discovery document is no https URL" in caplog.text


def test_a_redirect_is_not_followed(issuer: Issuer) -> None:
    issuer.publish_discovery("", status=302, headers={"Location": f"{issuer.url}/elsewhere"})
    document = {"issuer": issuer.url, "jwks_uri": issuer.jwks_url}
    issuer.server.publish(f"{issuer.path}/elsewhere", json.dumps(document))

    assert_unavailable(get_me(issuer.token("ann", **VERIFIED)))
    assert issuer.server.requests(f"{issuer.path}/elsewhere") == 0


def test_a_new_key_of_the_issuer_is_read(issuer: Issuer, wait: Callable[[float], None]) -> None:
    old = issuer.token("ann", **VERIFIED)
    assert get_me(old).status_code == 200
    issuer.rotate()
    wait(keys.REFETCH_AFTER_SECONDS)

    assert get_me(issuer.token("ann")).status_code == 200
    assert_refused(get_me(old))
    assert (issuer.discoveries, issuer.fetches) == (1, 2)


def test_a_key_that_the_issuer_withdraws_ends_with_its_lifetime(
    issuer: Issuer, wait: Callable[[float], None]
) -> None:
    old = issuer.token("ann", **VERIFIED)
    assert get_me(old).status_code == 200
    issuer.rotate()

    wait(keys.KEYS_LIFETIME_SECONDS - 5)
    assert get_me(old).status_code == 200
    wait(5)
    assert_refused(get_me(old))


def test_keys_that_move_are_found(issuer: Issuer, wait: Callable[[float], None]) -> None:
    old = issuer.token("ann", **VERIFIED)
    assert get_me(old).status_code == 200
    issuer.rotate()
    issuer.publish_keys("gone", status=404)
    issuer.jwks_url += "-new"
    issuer.publish_discovery()
    issuer.server.publish(f"{issuer.path}/keys-new", json.dumps({"keys": [issuer.public]}))

    # Where they were is remembered, until it gives none.
    wait(keys.REFETCH_AFTER_SECONDS)
    assert_unavailable(get_me(issuer.token("ann")))
    wait(keys.RETRY_AFTER_SECONDS)
    assert get_me(issuer.token("ann")).status_code == 200
    assert_refused(get_me(old))


def test_unknown_keys_make_the_service_ask_once_in_ten_seconds(
    issuer: Issuer, wait: Callable[[float], None]
) -> None:
    good = issuer.token("ann", **VERIFIED)
    assert get_me(good).status_code == 200

    for round_of_keys in (1, 2):
        for key_id in ("one", "two", "three"):
            assert_refused(get_me(issuer.token("ann", headers={"kid": key_id})))
        assert issuer.fetches == round_of_keys
        wait(keys.REFETCH_AFTER_SECONDS)
    assert get_me(good).status_code == 200


def test_keys_that_are_not_for_signatures_are_left_out(issuer: Issuer) -> None:
    weak = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505 (the point)
    unfit = [
        {**RSAAlgorithm.to_jwk(weak.public_key(), as_dict=True), "kid": "weak"},
        {**issuer.public, "kid": "encryption", "use": "enc"},
        {"kty": "oct", "k": base64url(b"s" * 32), "kid": "symmetric", "alg": "HS256"},
        {**issuer.public, "kid": ["list"]},
        {"kty": "unheard of"},
        "no key",
    ]
    issuer.publish_keys(json.dumps({"keys": [*unfit, issuer.public]}))

    known = keys.issuer_keys(issuer=issuer.url, jwks_url="")

    assert known.key(issuer.key_id).key_id == issuer.key_id
    for key_id in ("weak", "encryption", "symmetric"):
        with pytest.raises(keys.UnknownKeyError):
            known.key(key_id)


# An issuer that is down


def test_an_issuer_that_is_down_is_503(
    lonely_issuer: Issuer, caplog: pytest.LogCaptureFixture
) -> None:
    lonely_issuer.server.stop()

    assert_unavailable(get_me(lonely_issuer.token("ann", **VERIFIED)))
    assert f"The issuer {lonely_issuer.url} gives no keys" in caplog.text


def test_keys_that_are_known_outlast_the_issuer_by_a_day(
    lonely_issuer: Issuer, wait: Callable[[float], None]
) -> None:
    assert get_me(lonely_issuer.token("ann", **VERIFIED)).status_code == 200
    lonely_issuer.server.stop()

    wait(keys.KEYS_LIFETIME_SECONDS)
    assert get_me(lonely_issuer.token("ann")).status_code == 200
    wait(keys.KEYS_OUTAGE_SECONDS - keys.KEYS_LIFETIME_SECONDS - 30)
    assert get_me(lonely_issuer.token("ann")).status_code == 200
    wait(30)
    assert_unavailable(get_me(lonely_issuer.token("ann")))

    # It comes back: with another key, and at once.
    lonely_issuer.server.start()
    lonely_issuer.rotate()
    lonely_issuer.publish_discovery()
    wait(keys.RETRY_AFTER_SECONDS)
    assert get_me(lonely_issuer.token("ann")).status_code == 200


def test_a_new_key_of_an_issuer_that_is_down_is_503(
    lonely_issuer: Issuer, wait: Callable[[float], None]
) -> None:
    old = lonely_issuer.token("ann", **VERIFIED)
    assert get_me(old).status_code == 200
    lonely_issuer.rotate()
    lonely_issuer.server.stop()
    wait(keys.REFETCH_AFTER_SECONDS)

    assert_unavailable(get_me(lonely_issuer.token("ann")))
    assert get_me(old).status_code == 200


@pytest.mark.parametrize(
    "page",
    [
        {"body": "{}", "status": 500},
        {"body": "<html>"},
        {"body": "[]"},
        {"body": "[" * 100_000},
        {"body": '{"keys": []}'},
        {"body": '{"keys": {"a": 1}}'},
        {"body": '{"keys": [{"kty": "EC"}]}'},
        {"body": "{}", "headers": {"Content-Encoding": "gzip"}},
    ],
    ids=["error", "HTML", "list", "deep", "none", "object", "unfit", "not gzip"],
)
@pytest.mark.parametrize("document", ["discovery", "keys"])
def test_an_issuer_that_gives_no_keys_is_503(
    issuer: Issuer, document: str, page: dict[str, Any], wait: Callable[[float], None]
) -> None:
    token = issuer.token("ann", **VERIFIED)
    publish = getattr(issuer, f"publish_{document}")
    publish(**page)

    assert_unavailable(get_me(token))
    assert_unavailable(get_me(token))
    assert issuer.discoveries == 1

    # When that time is over, it is asked again.
    wait(keys.RETRY_AFTER_SECONDS)
    publish()
    assert get_me(token).status_code == 200


def test_keys_in_a_document_that_is_too_long_are_not_taken(
    issuer: Issuer, wait: Callable[[float], None]
) -> None:
    token, body = issuer.token("ann", **VERIFIED), json.dumps({"keys": [issuer.public]})
    issuer.publish_keys(body.ljust(keys.DOCUMENT_MAXIMUM_BYTES + 1))
    assert_unavailable(get_me(token))

    wait(keys.RETRY_AFTER_SECONDS)
    issuer.publish_keys(body.ljust(keys.DOCUMENT_MAXIMUM_BYTES))
    assert get_me(token).status_code == 200


def test_an_issuer_that_gives_no_keys_does_not_take_those_that_are_known(
    issuer: Issuer, wait: Callable[[float], None]
) -> None:
    token = issuer.token("ann", **VERIFIED)
    assert get_me(token).status_code == 200
    issuer.publish_keys('{"keys": []}')

    wait(keys.KEYS_LIFETIME_SECONDS)
    assert get_me(token).status_code == 200


def test_an_issuer_that_hangs_is_503(
    lonely_issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "FETCH_TIMEOUT_SECONDS", 0.1)
    lonely_issuer.server.pause()

    assert_unavailable(get_me(lonely_issuer.token("ann", **VERIFIED)))


def test_an_issuer_that_sends_byte_by_byte_is_503(
    issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each byte comes in time, all of them in some ten seconds."""
    monkeypatch.setattr(keys, "FETCH_TIMEOUT_SECONDS", 0.3)
    issuer.publish_keys(drips=True)

    assert_unavailable(get_me(issuer.token("ann", **VERIFIED)))


# Many threads


def in_threads(count: int, call: Callable[[], Any]) -> list[Any]:
    """Return what ``call`` returns in each of so many threads at once, or raises."""
    start = Barrier(count)
    outcomes: list[Any] = []

    def run() -> None:
        start.wait()
        try:
            outcomes.append(call())
        except keys.IssuerUnavailableError as error:
            outcomes.append(type(error))

    threads = [Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def test_many_threads_read_the_keys_once(issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "WAIT_SECONDS", 30)

    def key() -> Any:
        return keys.issuer_keys(issuer=issuer.url, jwks_url="").key(issuer.key_id)

    found = in_threads(8, key)

    assert [key.key_id for key in found] == [issuer.key_id] * 8
    assert (issuer.discoveries, issuer.fetches) == (1, 1)


@pytest.fixture
def one_thread_is_reading(
    issuer: Issuer, wait: Callable[[float], None], monkeypatch: pytest.MonkeyPatch
) -> Iterator[keys.IssuerKeys]:
    """Return keys past their lifetime, which one thread reads again for as long as a test lasts."""
    monkeypatch.setattr(keys, "FETCH_TIMEOUT_SECONDS", 30)
    monkeypatch.setattr(keys, "WAIT_SECONDS", 0.01)
    known = keys.issuer_keys(issuer=issuer.url, jwks_url=issuer.jwks_url)
    known.key(issuer.key_id)
    issuer.publish_keys(holds=True)
    wait(keys.KEYS_LIFETIME_SECONDS)
    reader = Thread(target=known.key, args=(issuer.key_id,))
    reader.start()
    while issuer.fetches == 1:  # Each look is a round trip to the other process.
        assert reader.is_alive()
    yield known
    issuer.publish_keys()
    reader.join()


def test_while_one_thread_reads_the_others_go_on_with_the_keys_they_have(
    issuer: Issuer, one_thread_is_reading: keys.IssuerKeys
) -> None:
    found = in_threads(8, lambda: one_thread_is_reading.key(issuer.key_id))

    assert [key.key_id for key in found] == [issuer.key_id] * 8
    assert issuer.fetches == 2


def test_while_one_thread_reads_nobody_can_tell_of_unknown_keys(
    issuer: Issuer, one_thread_is_reading: keys.IssuerKeys
) -> None:
    outcomes = in_threads(8, lambda: one_thread_is_reading.key("unknown"))

    assert outcomes == [keys.IssuerUnavailableError] * 8
    assert issuer.fetches == 2


# Settings


@pytest.mark.parametrize("name", ["OIDC_ISSUER", "OIDC_AUDIENCE"])
def test_without_an_issuer_or_audience_nobody_can_sign_in_with_a_token(
    issuer: Issuer, settings: Settings, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    setattr(settings, name, "")

    assert_unavailable(get_me(issuer.token("ann", **VERIFIED)))
    assert "OIDC_ISSUER or OIDC_AUDIENCE is not set" in caplog.text
    assert issuer.fetches == 0


# Roles


@pytest.fixture
def _mapping(issuer: Issuer, settings: Settings) -> None:
    """Let ``admins`` and ``root`` be admins, at the place where Keycloak lists roles."""
    settings.OIDC_ROLES_CLAIM = "realm_access.roles"
    settings.OIDC_ROLES_MAPPING = [("admins", "admin"), ("root", "admin")]


def roles_of(email: str = "ann@example.com") -> list[Role]:
    return User.objects.get(email=email).roles


def listing(*names: Any) -> dict[str, Any]:
    return {"realm_access": {"roles": list(names)}}


def test_without_a_mapping_claims_give_no_role(issuer: Issuer) -> None:
    get_me(issuer.token("ann", **VERIFIED, **listing("admins")))

    assert roles_of() == [Role.CUSTOMER]


@pytest.mark.usefixtures("_mapping")
@pytest.mark.parametrize("names", [["admins"], ["staff", "root"], ["admins", "root"]], ids=str)
def test_the_first_sign_in_brings_the_mapped_roles_and_leaves_the_others(
    issuer: Issuer, names: list[str]
) -> None:
    response = get_me(issuer.token("ann", **VERIFIED, **listing(*names)))

    assert data(response)["roles"] == ["admin", "customer"]
    assert roles_of() == [Role.ADMIN, Role.CUSTOMER]


@pytest.mark.usefixtures("_mapping")
@pytest.mark.parametrize(
    "claims",
    [
        {},
        listing(),
        listing("staff"),
        listing(["admins"], {"admins": 1}, None),
        {"realm_access": None},
        {"realm_access": "admins"},
        {"realm_access": {"roles": {"admins": True}}},
        {"roles": ["admins"]},
        {"other": {"roles": ["admins"]}},
    ],
    ids=str,
)
def test_a_role_that_the_claim_does_not_give_is_taken(
    issuer: Issuer, claims: dict[str, Any]
) -> None:
    get_me(issuer.token("ann", **VERIFIED, **listing("admins")))

    response = get_me(issuer.token("ann", **claims))

    assert data(response)["roles"] == ["customer"]
    assert roles_of() == [Role.CUSTOMER]


@pytest.mark.usefixtures("_mapping")
def test_a_role_that_is_mapped_is_taken_from_an_account_that_had_it_before(issuer: Issuer) -> None:
    UserFactory(email="ann@example.com", roles=[Role.ADMIN])

    get_me(issuer.token("ann", **VERIFIED))

    assert roles_of() == []


@pytest.mark.parametrize(
    ("path", "claims"),
    [
        ("roles", {"roles": ["admins"]}),
        ("role", {"role": "admins"}),
        ("https://example.com/roles", {"https://example.com/roles": ["admins"]}),
        ("access.my.app.roles", {"access": {"my": {}, "my.app": {"roles": ["admins"]}}}),
    ],
    ids=["list", "one", "URL", "deep"],
)
def test_a_claim_is_found_by_its_path(
    issuer: Issuer, settings: Settings, path: str, claims: dict[str, Any]
) -> None:
    settings.OIDC_ROLES_CLAIM = path
    settings.OIDC_ROLES_MAPPING = [("admins", "admin")]

    get_me(issuer.token("ann", **VERIFIED, **claims))

    assert roles_of() == [Role.ADMIN, Role.CUSTOMER]


@pytest.mark.usefixtures("_mapping")
def test_roles_are_written_when_the_claim_changes_and_not_with_each_request(
    issuer: Issuer,
    credential_queries: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    get_me(issuer.token("ann", **VERIFIED, **listing("admins")))
    version = User.objects.get().version

    claims = issuer.claims("ann", **listing("root", "staff"))
    with django_assert_num_queries(credential_queries):
        user = user_provision(claims=claims)

    assert user.version == version
    user = user_provision(claims=issuer.claims("ann"))
    assert user.version == User.objects.get().version == version + 1


@pytest.mark.usefixtures("_mapping")
def test_a_role_that_is_given_here_stays_until_the_claim_changes(issuer: Issuer) -> None:
    get_me(issuer.token("ann", **VERIFIED))
    user_assign_roles(user=User.objects.get(), roles=[Role.ADMIN])

    get_me(issuer.token("ann", **listing("staff")))
    assert roles_of() == [Role.ADMIN]


@pytest.mark.usefixtures("_mapping")
def test_an_older_token_does_not_bring_back_a_role_that_was_taken(issuer: Issuer) -> None:
    now = int(time.time())
    older = issuer.token("ann", **VERIFIED, **listing("admins"), iat=now - 60)
    get_me(older)
    get_me(issuer.token("ann", iat=now))

    assert data(get_me(older))["roles"] == ["customer"]


@pytest.mark.usefixtures("_mapping")
def test_a_changed_mapping_is_applied_with_the_next_token(
    issuer: Issuer, settings: Settings
) -> None:
    token = issuer.token("ann", **VERIFIED, **listing("staff"))
    get_me(token)

    settings.OIDC_ROLES_MAPPING = [("staff", "admin")]

    assert data(get_me(token))["roles"] == ["admin", "customer"]


@pytest.mark.usefixtures("_mapping")
def test_a_role_that_the_mapping_gets_is_taken_though_the_claim_is_the_same(
    issuer: Issuer, settings: Settings
) -> None:
    UserFactory(email="ann@example.com", roles=[Role.ADMIN])
    settings.OIDC_ROLES_MAPPING = [("staff", "customer")]
    token = issuer.token("ann", **VERIFIED, **listing("staff"))
    assert data(get_me(token))["roles"] == ["admin", "customer"]

    settings.OIDC_ROLES_MAPPING = [("staff", "customer"), ("admins", "admin")]

    assert data(get_me(token))["roles"] == ["customer"]


@pytest.mark.usefixtures("_mapping")
def test_a_closed_account_gets_no_role(issuer: Issuer) -> None:
    UserFactory(email="ann@example.com", is_active=False, roles=[])

    assert_refused(get_me(issuer.token("ann", **VERIFIED, **listing("admins"))), "user_inactive")
    assert roles_of() == []


@pytest.mark.usefixtures("_mapping")
@pytest.mark.django_db(transaction=True)
def test_two_requests_at_once_take_the_roles_once(issuer: Issuer) -> None:
    user_provision(claims=issuer.claims("ann", **VERIFIED))
    version = User.objects.get().version
    claims = issuer.claims("ann", **listing("admins"))

    found = twice_at_once(lambda: user_provision(claims=claims).roles)

    assert found == [[Role.ADMIN, Role.CUSTOMER]] * 2
    assert User.objects.get().version == version + 1


@pytest.mark.parametrize(
    ("claim", "mapping", "fault"),
    [
        ("", [("admins", "admin")], "need each other"),
        ("roles", [], "need each other"),
        ("roles", [("a", "boss"), ("b", "customer")], "gives boss, which is no role here"),
        ("roles", [("", "admins")], "gives admins, which is no role here"),
    ],
)
def test_settings_that_give_nobody_a_role_are_refused_at_the_start(
    settings: Settings, claim: str, mapping: list[tuple[str, str]], fault: str
) -> None:
    settings.OIDC_ROLES_CLAIM, settings.OIDC_ROLES_MAPPING = claim, mapping

    with pytest.raises(ImproperlyConfigured, match=fault):
        django_apps.get_app_config("oidc").ready()


# Admin and schema


def test_admins_see_and_cut_identities_but_make_none(issuer: Issuer, client: Any) -> None:
    get_me(issuer.token("ann", **VERIFIED))
    client.force_login(User.objects.create_superuser("root@example.com", PASSWORD))
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
