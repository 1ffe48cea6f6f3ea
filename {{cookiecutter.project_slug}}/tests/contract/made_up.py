"""What nobody gave to anybody: credentials that were changed, and others that were made up."""

import os
import string
from collections.abc import Callable

from hypothesis import HealthCheck, seed
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

EXAMPLES = int(os.environ.get("EXAMPLES") or "100")
SEED = int(os.environ.get("SEED") or "1")

# What a header may hold but for spaces, which mean nothing at its end (RFC 9110, section 5.5).
HEADER_TEXT = st.characters(min_codepoint=0x21, max_codepoint=0xFF, categories=("L", "N", "P", "S"))
# What a cookie may hold (RFC 6265, section 4.1.1): a semicolon would begin the next one.
COOKIE_TEXT = st.sampled_from(
    sorted({*string.ascii_letters, *string.digits, *"!#$%&'()*+-./:<>?@"})
)
# What JSON may hold: lone surrogates are no text.
BODY_TEXT = st.characters(exclude_categories=("Cs",))

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(BODY_TEXT),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(BODY_TEXT), inner, max_size=4)
    ),
    max_leaves=8,
)


def fuzz(test: Callable[..., None]) -> Callable[..., None]:
    """Run ``test`` with ``EXAMPLES`` examples, which are others with another ``SEED``."""
    steps = hypothesis_settings(
        max_examples=EXAMPLES,
        derandomize=False,
        database=None,
        # All examples of a test call one service in the name of one account.
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    )
    return seed(SEED)(steps(test))


def changed(text: str, characters: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Return texts that are not ``text``: a part of it is missing or another, or all of it is another."""
    places = st.integers(0, len(text))
    edited = st.builds(
        lambda first, second, part: text[: min(first, second)] + part + text[max(first, second) :],
        *(places, places, st.text(characters, max_size=20)),
    )
    made_up = st.text(characters, min_size=1, max_size=2 * len(text))
    return (edited | made_up | st.just(text.swapcase()) | st.just(text + text)).filter(
        lambda other: other not in ("", text)
    )
