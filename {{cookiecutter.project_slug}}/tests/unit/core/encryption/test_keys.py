"""What one of the keys has encrypted opens as what it was, where it was, and nowhere else."""

import base64

import pytest

from core.encryption.keys import DecryptionError, KeyFaultError, KeyRing, key_ring, read_keys

HERE, ELSEWHERE = "notes.note.text", "notes.note.title"
TEXT = "Grüße an alle"
OLD, NEW = (base64.urlsafe_b64encode(bytes(range(start, start + 32))).decode() for start in (0, 32))


@pytest.fixture
def ring() -> KeyRing:
    return key_ring((f"old:{OLD}",))


def refusal(ring: KeyRing, value: str, bound_to: str = HERE) -> str:
    with pytest.raises(DecryptionError) as error:
        ring.decrypt(value, bound_to=bound_to)
    message = str(error.value)
    assert bound_to in message
    for secret in (TEXT, value.rpartition(":")[2], OLD.rstrip("="), NEW.rstrip("=")):
        assert secret not in message
    return message


@pytest.mark.parametrize("text", ["", TEXT, "a" * 100_000, "\0\n\U0001f511"])
def test_what_is_encrypted_opens(ring: KeyRing, text: str) -> None:
    value = ring.encrypt(text, bound_to=HERE)

    assert value.startswith("v1:old:")
    assert ring.decrypt(value, bound_to=HERE) == text


def test_what_was_stored_before_still_opens() -> None:
    ring = key_ring((f"old:{'A-key-for-tests-only' * 2}-AA",))

    # Made by the first version of this form.
    value = "v1:old:bLVhS2dd_6t0AXr1WgYp7rJ9EuwbaqevzA0OdM5jZfmKhlA"

    assert ring.decrypt(value, bound_to=HERE) == "Grüße"


def test_the_same_text_is_never_encrypted_alike(ring: KeyRing) -> None:
    assert len({ring.encrypt(TEXT, bound_to=HERE) for _ in range(100)}) == 100


def test_value_of_another_column_does_not_open(ring: KeyRing) -> None:
    message = refusal(ring, ring.encrypt(TEXT, bound_to=HERE), ELSEWHERE)

    assert message.startswith(f"{ELSEWHERE} does not open with the key 'old': ")


def test_value_of_which_any_byte_is_changed_does_not_open(ring: KeyRing) -> None:
    name, _, encoded = ring.encrypt(TEXT, bound_to=HERE).rpartition(":")
    sealed = base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
    for place in range(len(sealed)):
        changed = sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :]
        refusal(ring, f"{name}:{base64.urlsafe_b64encode(changed).decode().rstrip('=')}")


def test_value_of_a_key_under_the_id_of_another_does_not_open(ring: KeyRing) -> None:
    value = key_ring((f"new:{NEW}",)).encrypt(TEXT, bound_to=HERE)

    refusal(ring, value.replace("v1:new:", "v1:old:"))
    # The same key under two ids: the id is part of what is bound.
    refusal(key_ring((f"old:{NEW}",)), value.replace("v1:new:", "v1:old:"))


def test_value_of_a_key_that_is_not_there_names_it(ring: KeyRing) -> None:
    value = key_ring((f"new:{NEW}",)).encrypt(TEXT, bound_to=HERE)

    assert refusal(ring, value) == f"{HERE} needs the key 'new', which is not there."


@pytest.mark.parametrize("value", [TEXT, "v1:old:", "v2:old:AAAA", "v1:old:A!", "v1:o ld:AAAA"])
def test_what_is_not_encrypted_is_not_taken_for_text(ring: KeyRing, value: str) -> None:
    assert refusal_of_plain(ring, value) == f"{HERE} holds a value that is not encrypted."


def refusal_of_plain(ring: KeyRing, value: str) -> str:
    with pytest.raises(DecryptionError) as error:
        ring.decrypt(value, bound_to=HERE)
    return str(error.value)


@pytest.mark.parametrize("value", ["v1:old:A", "v1:old:AAAA", f"v1:old:{'A' * 41}"])
def test_what_is_too_short_or_no_base64_does_not_open(ring: KeyRing, value: str) -> None:
    assert "does not open with the key 'old'" in refusal_of_plain(ring, value)


def test_first_key_encrypts_and_all_open() -> None:
    old, both = key_ring((f"old:{OLD}",)), key_ring((f"new:{NEW}", f"old:{OLD}"))

    value, former = both.encrypt(TEXT, bound_to=HERE), old.encrypt(TEXT, bound_to=HERE)

    assert (both.is_current(value), both.is_current(former)) == (True, False)
    assert {both.decrypt(each, bound_to=HERE) for each in (value, former)} == {TEXT}


def test_keys_may_have_their_padding_or_not() -> None:
    assert read_keys([f"a:{OLD}"]) == read_keys([f"a:{OLD.rstrip('=')}"]) == {"a": bytes(range(32))}


@pytest.mark.parametrize(
    ("items", "fault"),
    [
        ([OLD], "holds something else than ID:KEY"),
        ([f":{OLD}"], "holds something else than ID:KEY"),
        ([f"{'a' * 33}:{OLD}"], "holds something else than ID:KEY"),
        ([f"a:{OLD}:"], "holds something else than ID:KEY"),
        (["a:AAAA"], "holds a key that is not 32 bytes in base64url"),
        (["a:A"], "holds a key that is not 32 bytes in base64url"),
        ([f"a:{OLD[:-1]}AAAA"], "holds a key that is not 32 bytes in base64url"),
        ([f"a:{OLD}", f"a:{NEW}"], "has an id or a key twice"),
        ([f"a:{OLD}", f"b:{OLD}"], "has an id or a key twice"),
    ],
)
def test_key_that_cannot_be_used_is_refused_and_not_repeated(items: list[str], fault: str) -> None:
    with pytest.raises(KeyFaultError, match=f"^{fault}$"):
        read_keys(items)


def test_without_a_key_nothing_is_encrypted() -> None:
    with pytest.raises(KeyFaultError, match=r"^names no key$"):
        key_ring(())
