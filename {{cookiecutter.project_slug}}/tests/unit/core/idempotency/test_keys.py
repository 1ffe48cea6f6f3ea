"""Which values of the header are keys, and what stands for a key and its request."""

from uuid import uuid4

import pytest

from core.idempotency.errors import MalformedKeyError
from core.idempotency.keys import KEY_LENGTH_MAXIMUM, digest_of, fingerprint_of, parse_key


@pytest.mark.parametrize(
    ("value", "key"),
    [
        ('"8e03978e-40d5-43e8-bc93-6894a57f9324"', "8e03978e-40d5-43e8-bc93-6894a57f9324"),
        ("8e03978e-40d5-43e8-bc93-6894a57f9324", "8e03978e-40d5-43e8-bc93-6894a57f9324"),
        (' "abc"\t', "abc"),
        ('"a b, c; d"', "a b, c; d"),
        (r'"a\"b\\c"', r'a"b\c'),
        ("x", "x"),
        ("k" * KEY_LENGTH_MAXIMUM, "k" * KEY_LENGTH_MAXIMUM),
        (f'"{"k" * KEY_LENGTH_MAXIMUM}"', "k" * KEY_LENGTH_MAXIMUM),
        ("!#$%&'*+-.^_`|~:/=@<>?()[]{}", "!#$%&'*+-.^_`|~:/=@<>?()[]{}"),
    ],
)
def test_key_is_read_with_and_without_quotation_marks(value, key):
    assert parse_key(value) == key


@pytest.mark.parametrize(
    "value",
    [
        "",
        " ",
        '""',
        '"',
        '"abc',
        'abc"',
        r'"a\b"',
        '"abc";a=1',
        '"abc", "def"',
        "abc,def",
        "a b",
        "abc;a=1",
        r"a\b",
        "kl\u00fcr",
        '"kl\u00fcr"',
        "a\0b",
        '"a\nb"',
        "abc\n",
        "k" * (KEY_LENGTH_MAXIMUM + 1),
        f'"{"k" * (KEY_LENGTH_MAXIMUM + 1)}"',
    ],
)
def test_anything_else_is_refused(value):
    with pytest.raises(MalformedKeyError, match="1 to 255 characters"):
        parse_key(value)


def test_digest_tells_users_and_the_case_of_keys_apart():
    one, other = uuid4(), uuid4()

    digests = {
        digest_of(user_id=one, key="abc"),
        digest_of(user_id=one, key="ABC"),
        digest_of(user_id=other, key="abc"),
    }

    assert len(digests) == 3
    assert digest_of(user_id=one, key="abc") in digests


@pytest.mark.parametrize(
    "other",
    [
        {"method": "PUT", "path": "/a/", "body": b"{}"},
        {"method": "POST", "path": "/a/?b=1", "body": b"{}"},
        {"method": "POST", "path": "/a/", "body": b"{ }"},
        {"method": "POST", "path": "/b/", "body": b"{}"},
    ],
)
def test_fingerprint_tells_methods_paths_and_bodies_apart(other):
    assert fingerprint_of(**other) != fingerprint_of(method="POST", path="/a/", body=b"{}")
