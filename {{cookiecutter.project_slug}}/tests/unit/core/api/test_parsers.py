"""What a body of JSON may be."""

import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.exceptions import ParseError
from rest_framework.renderers import JSONRenderer

from core.api.parsers import JSONParser

DEPTH = 32
VALUES = 50_000

documents = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=10,
)


def parse(body: bytes | str) -> Any:
    return JSONParser().parse(io.BytesIO(body if isinstance(body, bytes) else body.encode()))


@given(documents)
def test_what_is_rendered_is_read(document: Any) -> None:
    assert parse(JSONRenderer().render([document])) == [document]


@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_depth_is_bounded(opening: str) -> None:
    closing = "]" if opening == "[" else "}"

    parse(opening * DEPTH + "1" + closing * DEPTH)
    with pytest.raises(ParseError) as refused:
        parse(opening * (DEPTH + 1) + "1" + closing * (DEPTH + 1))

    assert refused.value.get_codes() == "too_deep"


def test_number_of_values_is_bounded() -> None:
    assert len(parse(f"[{','.join('1' * VALUES)}]")) == VALUES
    with pytest.raises(ParseError) as refused:
        parse(f"[{','.join('1' * (VALUES + 1))}]")

    assert refused.value.get_codes() == "too_many_values"


@pytest.mark.parametrize("text", ["[" * 99, "," * 2 * VALUES, '\\"' + "[" * 99, "é[" * 99])
def test_what_stands_in_strings_is_not_counted(text: str) -> None:
    assert parse(JSONRenderer().render([text])) == [text]


def test_name_that_stands_twice_is_refused() -> None:
    with pytest.raises(ParseError) as refused:
        parse('{"role": "customer", "r\\u006fle": "admin"}')

    assert refused.value.get_codes() == "duplicate_name"


@pytest.mark.parametrize(
    "body",
    [
        b"NaN",
        b"-Infinity",
        b"1e400",
        b"[-1e400]",
        b"1" * 5000,
        b"",
        b'"',
        b'"\\',
        b"\xff",
        b"\\" * 1_000_000,
        b'\\"' * 500_000,
        b'"\\"' * 300_000,
        b"[" * 1_000_000,
        b"]" * 1_000_000,
    ],
    ids=lambda body: f"{body[:8]!r}-{len(body)}",
)
def test_what_is_no_json_is_refused_at_once(body: bytes) -> None:
    with pytest.raises(ParseError):
        parse(body)


def test_charset_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ParseError):
        JSONParser().parse(io.BytesIO(b"{}"), parser_context={"encoding": "made-up"})
