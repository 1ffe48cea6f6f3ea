"""Keys can be told from other words, by scanners of secrets and by the masks of logs."""

import pytest

from core.security.api_keys import form
from core.security.redaction import redacted


def test_key_is_taken_apart():
    prefix, secret = form.new_parts()

    key = form.joined(prefix, secret)

    assert key.startswith("apikey_")
    assert len(key) == 69
    assert form.parts_of(key) == (prefix, secret)


def test_checksum_is_that_of_the_document():
    """Who scans for keys computes it too, so it never changes."""
    assert form.joined("0123456789ab", "A" * 43) == f"apikey_0123456789ab_{'A' * 43}2Vkxuc"


def test_each_changed_character_is_noticed():
    key = form.joined(*form.new_parts())

    for place in range(len(key)):
        changed = f"{key[:place]}{'z' if key[place] != 'z' else 'y'}{key[place + 1 :]}"
        assert form.parts_of(changed) is None


@pytest.mark.parametrize("word", ["", "apikey_", "0123456789ab.short", "x" * 69])
def test_other_words_are_no_keys(word):
    assert form.parts_of(word) is None


@pytest.mark.parametrize(
    "key", [form.joined("0123456789ab", "A" * 43), f"0123456789ab.{'A-_' * 14}x"]
)
@pytest.mark.parametrize("text", ["{}", "got {}, which", 'x="{}"', "Authorization: Api-Key {}"])
def test_logs_hold_no_key(key, text):
    masked = redacted(text.format(key))

    assert key not in masked
    assert form.parts_of(key)[1] not in masked
    assert "***" in masked
