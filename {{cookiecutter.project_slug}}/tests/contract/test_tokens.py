"""Nobody comes in with a token (RFC 7519) that was changed, or made by somebody else.

The attacks are those of RFC 8725, and whatever else Hypothesis makes up.
"""

import json
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st
from jwt.algorithms import ECAlgorithm, RSAAlgorithm
from jwt.utils import base64url_decode, base64url_encode

from tests.bodies import error_codes
from tests.contract import made_up
from tests.e2e.http import Client

ME = "/api/v1/users/me/"
RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())
PEM = EC_KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
# What an attacker may sign with, by algorithm.
KEYS: dict[str, list[Any]] = {
    "none": [None],
    "HS256": [b"", b"secret", PEM],
    "RS256": [RSA_KEY],
    "ES256": [EC_KEY],
}
# What would bring a key along, or name one elsewhere (RFC 7515, section 4.1).
BROUGHT_ALONG = {
    "jwk": [
        ECAlgorithm.to_jwk(EC_KEY.public_key(), as_dict=True),
        RSAAlgorithm.to_jwk(RSA_KEY.public_key(), as_dict=True),
    ],
    "jku": ["http://127.0.0.1:1/keys", "file:///etc/passwd"],
    "x5u": ["http://127.0.0.1:1/chain"],
    "kid": ["", "../../../../dev/null", "' OR 1=1 --", None, 1, []],
    "crit": [["exp"], "exp", []],
}
# What fits into a header, and JSON as deep as fits.
MAXIMUM_LENGTH = 8_000
DEEP = 2_900


def encoded(part: Any) -> str:
    return base64url_encode(json.dumps(part).encode()).decode()


def deep(depth: int) -> str:
    """Return JSON that is nested so deep that a parser may give up, as a part of a token."""
    return base64url_encode(b'{"a":' + b"[" * depth + b"]" * depth + b"}").decode()


def check_refused(client: Client, token: str) -> None:
    answer = client.get(ME, Authorization=f"Bearer {token}")

    assert answer.status_code == 401
    assert error_codes(answer) == [("token_not_valid", None)]


def good_token(client: Client) -> str:
    return client.headers["Authorization"].removeprefix("Bearer ")


def test_token_that_was_changed_lets_nobody_in(client: Client) -> None:
    signed, _, signature = good_token(client).rpartition(".")

    @made_up.fuzz
    @given(made_up.changed(signed, made_up.HEADER_TEXT))
    def refused(other: str) -> None:
        check_refused(client, f"{other}.{signature}")

    refused()
    assert client.get(ME).status_code == 200


def test_signature_that_was_changed_lets_nobody_in(client: Client) -> None:
    signed, _, signature = good_token(client).rpartition(".")
    good = base64url_decode(signature)

    @made_up.fuzz
    @given(st.binary(max_size=2 * len(good)) | st.binary(min_size=len(good), max_size=len(good)))
    def refused(other: bytes) -> None:
        check_refused(client, f"{signed}.{base64url_encode(other).decode()}")

    refused()


def test_token_that_somebody_else_signed_lets_nobody_in(client: Client) -> None:
    token = good_token(client)
    header = jwt.get_unverified_header(token)
    claims = jwt.decode(token, options={"verify_signature": False})
    some_claims = st.dictionaries(st.sampled_from(sorted(claims)), made_up.JSON)
    some_headers = st.fixed_dictionaries(
        {}, optional={name: st.sampled_from(known) for name, known in BROUGHT_ALONG.items()}
    )

    @made_up.fuzz
    @given(st.sampled_from(sorted(KEYS)), some_claims, some_headers, st.data())
    def refused(algorithm: str, other: Any, brought: Any, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(KEYS[algorithm]))
        signed = ".".join(map(encoded, [header | {"alg": algorithm} | brought, claims | other]))
        signature = b""
        if key is not None:
            implementation = jwt.get_algorithm_by_name(algorithm)
            signature = implementation.sign(signed.encode(), key)
        check_refused(client, f"{signed}.{base64url_encode(signature).decode()}")

    refused()


def test_what_only_looks_like_a_token_lets_nobody_in(client: Client) -> None:
    short = st.text(made_up.HEADER_TEXT, min_size=1, max_size=40) | made_up.JSON.map(encoded)
    part = short | st.integers(1, DEEP).map(deep)
    text = st.lists(part, min_size=1, max_size=5).map(".".join)

    @made_up.fuzz
    @given(text.filter(lambda token: len(token) < MAXIMUM_LENGTH))
    def refused(token: str) -> None:
        check_refused(client, token)

    refused()
