"""Keys are UUIDv7, in the order in which they were made."""

import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

from core.records.keys import uuid7

MANY = 5_000


def test_key_says_what_it_is() -> None:
    key = uuid7()

    assert isinstance(key, uuid.UUID)
    assert key.version == 7
    assert key.variant == uuid.RFC_4122


def test_key_starts_with_the_time_in_milliseconds() -> None:
    before = time.time_ns() // 1_000_000
    key = uuid7()
    after = time.time_ns() // 1_000_000

    assert before <= key.int >> 80 <= after


def test_keys_increase_strictly() -> None:
    keys = [uuid7() for _ in range(MANY)]

    assert all(earlier < later for earlier, later in pairwise(keys))


def test_threads_never_make_the_same_key() -> None:
    def many_keys(_: int) -> list[uuid.UUID]:
        return [uuid7() for _ in range(MANY)]

    with ThreadPoolExecutor(4) as executor:
        keys = [key for made in executor.map(many_keys, range(4)) for key in made]

    assert len(set(keys)) == 4 * MANY
