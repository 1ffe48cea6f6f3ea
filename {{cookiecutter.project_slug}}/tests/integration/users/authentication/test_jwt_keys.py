"""Tokens signed with private keys: which are taken, who else can check them, how a key is replaced."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as ec_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as rsa_key
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from django.http import HttpResponse
from rest_framework.test import APIClient

from apps.users.authentication.jwt.keys import (
    KeyFaultError,
    key_ring,
    read_public_keys,
    read_signing_key,
)
from apps.users.authentication.jwt.tokens import RefreshToken
from apps.users.models import User
from config import environment
from tests.bodies import data, error_codes
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db

ME = "/api/v1/users/me/"
REFRESH = "/api/v1/auth/token/refresh/"
JWKS = "/.well-known/jwks.json"
SECRET = "a-secret-for-tests-0123456789-abcdefghijklmnopqrstuvwxyz"
# RFC 8037, appendix A, whose thumbprint is known.
RFC_PUBLIC_KEY = """-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
-----END PUBLIC KEY-----"""


def pem(private: Any, password: bytes | None = None) -> str:
    encryption = BestAvailableEncryption(password) if password else NoEncryption()
    return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption).decode()


def public_pem(private: Any) -> str:
    public = private.public_key()
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


RSA = rsa_key(65537, 2048)
ED25519 = Ed25519PrivateKey.generate()
PRIVATE_KEYS = [RSA, ED25519]
IDS = ["RS256", "EdDSA"]


@pytest.fixture
def user() -> User:
    return UserFactory()


def get_me(token: Any) -> HttpResponse:
    return APIClient().get(ME, HTTP_AUTHORIZATION=f"Bearer {token}")


def assert_refused(response: HttpResponse) -> None:
    assert response.status_code == 401
    assert error_codes(response) == [("token_not_valid", None)]


def refresh(token: Any) -> HttpResponse:
    return APIClient().post(REFRESH, {"refresh": str(token)})


@pytest.mark.parametrize("private", PRIVATE_KEYS, ids=IDS)
def test_what_a_private_key_signs_others_check_with_the_published_keys(
    user: User,
    private: Any,
    settings: Any,
    api_client: APIClient,
    request: pytest.FixtureRequest,
) -> None:
    settings.JWT_SIGNING_KEY = pem(private)
    refresh_token = RefreshToken.for_user(user)
    token = str(refresh_token.access_token)

    published = jwt.PyJWKSet.from_dict(api_client.get(JWKS).json())

    header = jwt.get_unverified_header(token)
    key = published[header["kid"]]
    assert header["alg"] == key.algorithm_name == request.node.callspec.id
    assert jwt.decode(token, key, algorithms=[header["alg"]])["user_id"] == str(user.pk)
    assert get_me(token).status_code == 200
    assert refresh(refresh_token).status_code == 200


@pytest.mark.parametrize("private", PRIVATE_KEYS, ids=IDS)
def test_the_published_keys_are_public_and_may_be_kept_for_a_while(
    private: Any, settings: Any, api_client: APIClient
) -> None:
    settings.JWT_SIGNING_KEY = pem(private)

    response = api_client.get(JWKS)

    assert response.status_code == 200
    assert response["Content-Type"] == "application/jwk-set+json"
    assert response["Cache-Control"] == "public, max-age=300"
    [key] = response.json()["keys"]
    parts = {"RSA": {"n", "e"}, "OKP": {"crv", "x"}}[key["kty"]]
    assert set(key) == {"kty", "kid", "use", "alg", *parts}
    assert api_client.post(JWKS).status_code == 405


def test_a_secret_is_not_published(api_client: APIClient) -> None:
    assert api_client.get(JWKS).json() == {"keys": []}


def test_the_id_of_a_key_is_its_thumbprint() -> None:
    """RFC 8037, appendix A.3."""
    [key] = read_public_keys(RFC_PUBLIC_KEY)

    assert key.kid == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


def test_the_id_of_a_secret_is_no_hash_of_it() -> None:
    kid = read_signing_key(SECRET).kid

    assert kid not in {
        base64.urlsafe_b64encode(hashlib.sha256(SECRET.encode()).digest()).decode().rstrip("="),
        hashlib.sha256(SECRET.encode()).hexdigest(),
    }
    assert kid == read_signing_key(SECRET).kid != read_signing_key(SECRET + "1").kid


def by_hand(payload: dict[str, Any], secret: str, **header: str) -> str:
    """Return a token with HS256, also where PyJWT refuses to make one (RFC 8725, section 2.1)."""
    parts = [
        json.dumps(part).encode() for part in ({"typ": "JWT", "alg": "HS256"} | header, payload)
    ]
    signed = b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts)
    signature = hmac.digest(secret.encode(), signed, "sha256")
    return f"{signed.decode()}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


@pytest.mark.parametrize("private", PRIVATE_KEYS, ids=IDS)
@pytest.mark.parametrize("text", ["public key", "public key, one line", "private key", "secret"])
@pytest.mark.parametrize("algorithm", ["HS256", "none", "RS256", "EdDSA"])
def test_no_secret_signs_where_a_private_key_does(
    user: User, private: Any, text: str, algorithm: str, settings: Any
) -> None:
    settings.JWT_SIGNING_KEY = pem(private)
    secret = {
        "public key": public_pem(private),
        "public key, one line": public_pem(private).strip(),
        "private key": pem(private),
        "secret": SECRET,
    }[text]
    token = RefreshToken.for_user(user).access_token
    kid = jwt.get_unverified_header(str(token))["kid"]

    assert_refused(get_me(by_hand(token.payload, secret, kid=kid, alg=algorithm)))


def test_a_token_of_the_secret_of_before_is_refused_once_a_private_key_signs(
    user: User, settings: Any
) -> None:
    settings.JWT_SIGNING_KEY = SECRET
    token = RefreshToken.for_user(user)
    texts = str(token), str(token.access_token)
    settings.JWT_SIGNING_KEY = pem(ED25519)
    settings.JWT_VERIFICATION_KEYS = public_pem(RSA)

    assert_refused(refresh(texts[0]))
    assert_refused(get_me(texts[1]))


@pytest.mark.parametrize("private", PRIVATE_KEYS, ids=IDS)
def test_an_unknown_key_is_refused_though_its_name_is_known(
    user: User, private: Any, settings: Any
) -> None:
    settings.JWT_SIGNING_KEY = pem(private)
    token = RefreshToken.for_user(user).access_token
    header = jwt.get_unverified_header(str(token))
    stranger = rsa_key(65537, 2048) if private is RSA else Ed25519PrivateKey.generate()

    def signed(**headers: str) -> str:
        return jwt.encode(token.payload, stranger, algorithm=header["alg"], headers=headers)

    assert_refused(get_me(signed(kid=header["kid"])))
    assert_refused(get_me(signed(kid="unknown")))
    assert_refused(get_me(signed()))


def test_the_key_is_replaced_and_nobody_is_signed_out(
    user: User, settings: Any, api_client: APIClient
) -> None:
    """The steps of "The key of the tokens is replaced" in TASKS.md."""

    def published() -> set[str]:
        return {key["kid"] for key in api_client.get(JWKS).json()["keys"]}

    old_kid, new_kid = (read_signing_key(pem(private)).kid for private in PRIVATE_KEYS)
    settings.JWT_SIGNING_KEY = pem(RSA)
    before = RefreshToken.for_user(user)
    texts = str(before), str(before.access_token)

    # The new key is known before it signs: a process that still has the old one takes its tokens.
    settings.JWT_VERIFICATION_KEYS = public_pem(ED25519)
    assert published() == {old_kid, new_kid}
    assert get_me(texts[1]).status_code == 200

    # It signs.
    settings.JWT_SIGNING_KEY, settings.JWT_VERIFICATION_KEYS = pem(ED25519), public_pem(RSA)
    assert published() == {old_kid, new_kid}
    assert get_me(texts[1]).status_code == 200
    after = data(refresh(texts[0]))
    assert jwt.get_unverified_header(after["refresh"])["kid"] == new_kid

    # A process that has not been restarted yet takes the new tokens.
    settings.JWT_SIGNING_KEY, settings.JWT_VERIFICATION_KEYS = pem(RSA), public_pem(ED25519)
    assert get_me(after["access"]).status_code == 200

    # The old key is removed.
    settings.JWT_SIGNING_KEY, settings.JWT_VERIFICATION_KEYS = pem(ED25519), ""
    assert published() == {new_kid}
    assert_refused(get_me(texts[1]))
    assert get_me(after["access"]).status_code == 200
    assert refresh(after["refresh"]).status_code == 200


def test_several_former_keys_are_taken_and_one_in_both_places_signs() -> None:
    ring = key_ring(pem(ED25519), public_pem(RSA) + public_pem(ED25519) + RFC_PUBLIC_KEY)

    assert len(ring.checking) == 3
    assert ring.checking[ring.signing.kid].signs is not None


def lines_escaped(text: str) -> str:
    return text.replace("\n", "\\n")


def in_base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize("write", [str, str.strip, lines_escaped, in_base64])
@pytest.mark.parametrize("private", PRIVATE_KEYS, ids=IDS)
def test_a_key_may_be_written_in_one_line(write: Callable[[str], str], private: Any) -> None:
    private_text, public_text = write(pem(private)), write(public_pem(private) + RFC_PUBLIC_KEY)

    assert environment.jwt_signing_key(private_text) is None
    assert environment.jwt_verification_keys(public_text) is None
    assert read_signing_key(private_text).public == read_public_keys(public_text)[0].public


SMALL = rsa_key(65537, 1024)  # noqa: S505 (it is refused)
EC = ec_key(SECP256R1())
SIGNING_FAULTS = {
    "too small": (pem(SMALL), "has fewer than 2048 bits"),
    "of another kind": (pem(EC), "is neither an RSA key nor an Ed25519 key"),
    "public": (public_pem(RSA), "is a public key, which cannot sign"),
    "with a password": (
        pem(RSA, b"password"),
        "has a password, which nobody can enter",
    ),
    "cut off": (pem(RSA)[:300], "is no private key in PEM"),
    "without its beginning": (pem(RSA)[30:], "is no private key in PEM"),
    "in base64, cut off": (
        in_base64(pem(RSA))[:301],
        "is cut off, or holds something else than base64",
    ),
    "a secret that is short": ("short", "is too short or too regular to be a secret"),
}


@pytest.mark.parametrize(("text", "fault"), SIGNING_FAULTS.values(), ids=SIGNING_FAULTS)
def test_what_is_wrong_with_a_signing_key_is_said(text: str, fault: str) -> None:
    assert environment.jwt_signing_key(text) == fault


VERIFICATION_FAULTS = {
    "private": (
        public_pem(RSA) + pem(RSA),
        "holds a private key; only its public part belongs here",
    ),
    "too small": (public_pem(SMALL), "has fewer than 2048 bits"),
    "of another kind": (public_pem(EC), "holds a key that is neither RSA nor Ed25519"),
    "a secret": (SECRET, "holds something else than public keys in PEM"),
    "cut off": (public_pem(RSA)[:100], "holds something else than public keys in PEM"),
    "damaged": (
        public_pem(RSA).replace("MII", "III"),
        "holds something else than public keys in PEM",
    ),
}


@pytest.mark.parametrize(("text", "fault"), VERIFICATION_FAULTS.values(), ids=VERIFICATION_FAULTS)
def test_what_is_wrong_with_a_verification_key_is_said(text: str, fault: str) -> None:
    assert environment.jwt_verification_keys(text) == fault


def test_a_secret_is_not_shown_with_its_key() -> None:
    assert SECRET not in repr(read_signing_key(SECRET))


def test_a_key_that_cannot_be_used_is_refused() -> None:
    with pytest.raises(KeyFaultError):
        key_ring(pem(SMALL))
